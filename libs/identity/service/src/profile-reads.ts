import type { ReadAudit } from '@touchline/read-models';

export const athleteSubject = (athlete: number): string => `athlete-${athlete}`;

export const ATHLETE_PROFILE = 'athlete_profile';

/** Who read which athletes' profiles. */
export class ProfileReads {
  readonly #audit: Pick<ReadAudit, 'record'>;

  constructor(audit: Pick<ReadAudit, 'record'>) {
    this.#audit = audit;
  }

  /** What somebody reads of himself is not worth an entry. @throws MongoError */
  async record(reader: number, athletes: readonly number[]): Promise<void> {
    await this.#audit.record(
      reader,
      athletes
        .filter((id) => id !== reader)
        .map((id) => ({ subject: athleteSubject(id), what: ATHLETE_PROFILE })),
    );
  }
}
