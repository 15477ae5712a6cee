import type { TimeFrame } from '@touchline/contracts/activity/v1/service';
import type { ReadAudit } from '@touchline/read-models';
import type { Caller } from '@touchline/rpc';

export const athleteSubject = (athlete: number): string => `athlete-${athlete}`;

const CATEGORY = 'timeframe-';

/** The time frame in the `what` of an entry. */
export const timeFrameOf = (what: string): number => Number(what.slice(CATEGORY.length));

/** Who read the computed data of which time frames. */
export class ComputedReads {
  readonly #audit: Pick<ReadAudit, 'record'>;

  constructor(audit: Pick<ReadAudit, 'record'>) {
    this.#audit = audit;
  }

  /** @throws MongoError */
  async record(caller: Caller, frames: readonly Pick<TimeFrame, 'id' | 'athlete'>[]): Promise<void> {
    if (caller.kind !== 'user') return;
    await this.#audit.record(
      caller.id,
      frames.map(({ id, athlete }) => ({ subject: athleteSubject(athlete), what: `${CATEGORY}${id}` })),
    );
  }
}
