import { type readModelsClient, RebuildPhase } from '@touchline/rpc';
import { Presets, SingleBar } from 'cli-progress';

type Client = ReturnType<typeof readModelsClient>;
export type Report = ReturnType<Client['rebuild']> extends AsyncIterable<infer Message> ? Message : never;

const words: Readonly<Record<RebuildPhase, string>> = {
  [RebuildPhase.UNSPECIFIED]: '',
  [RebuildPhase.PROJECTING]: 'reading',
  [RebuildPhase.DERIVING]: 'computing',
  [RebuildPhase.CATCHING_UP]: 'catching up',
  [RebuildPhase.SWITCHED]: 'switched',
  [RebuildPhase.DONE]: 'done',
};

/** How far the rebuild of a context is: a bar on a terminal, and a line when it is over. */
export class RebuildBar {
  readonly #context: string;
  readonly #startedMs = performance.now();
  readonly #bar: SingleBar | undefined;
  #last: Report | undefined;
  #over = false;

  constructor(context: string) {
    this.#context = context;
    if (!process.stderr.isTTY) return;
    this.#bar = new SingleBar(
      {
        format: `${context} {bar} {percentage}% | {value}/{total} events | {rate} events/s | {left} | {phase}`,
        hideCursor: true,
        clearOnComplete: true,
      },
      Presets.shades_classic,
    );
    this.#bar.start(1, 0, { rate: 0, left: '', phase: '' });
  }

  show(report: Report): void {
    this.#last = report;
    if (this.#over) return;
    const events = Number(report.events);
    const total = Math.max(events, Number(report.expectedEvents), 1);
    this.#bar?.setTotal(total);
    this.#bar?.update(events, {
      rate: Math.round(report.eventsPerSecond),
      left: timeLeft(total - events, report.eventsPerSecond),
      phase: words[report.phase],
    });
  }

  /** The new set is read. */
  finish(): void {
    if (this.#over) return;
    this.stop();
    const seconds = ((performance.now() - this.#startedMs) / 1000).toFixed(1);
    const { events = 0n, eventsPerSecond = 0, set = 0 } = this.#last ?? {};
    process.stdout.write(
      `${this.#context}: ${events} events in ${seconds} s (${Math.round(eventsPerSecond)} events/s), set ${set}\n`,
    );
  }

  stop(): void {
    this.#over = true;
    this.#bar?.stop();
  }
}

export function timeLeft(events: number, perSecond: number): string {
  if (perSecond <= 0) return '';
  const seconds = Math.ceil(events / perSecond);
  return seconds < 60 ? `${seconds} s left` : `${Math.floor(seconds / 60)} min ${seconds % 60} s left`;
}
