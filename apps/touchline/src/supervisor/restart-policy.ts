export type Verdict = { restartInMs: number } | 'give-up';

const maxQuickDeaths = 5;
/** A child that was ready for this long did not die "at once". */
const longLifeMs = 2000;
const firstDelayMs = 100;
const maxDelayMs = 5000;

/** Decides what follows a child's death: back-off doubles with each quick one, the fifth in a row is the last. */
export class RestartPolicy {
  #quickDeaths = 0;

  /** @param readyForMs how long it was ready; 0 when it never was */
  died(readyForMs: number): Verdict {
    this.#quickDeaths = readyForMs >= longLifeMs ? 1 : this.#quickDeaths + 1;
    if (this.#quickDeaths >= maxQuickDeaths) return 'give-up';
    return { restartInMs: Math.min(firstDelayMs * 2 ** (this.#quickDeaths - 1), maxDelayMs) };
  }
}
