import { AthleteDeletedSchema, ManagerDeletedSchema } from '@touchline/contracts/identity/v1/events';
import type { StoredEvent } from '@touchline/event-log';
import { userIdOf, userStream } from '@touchline/identity-domain';
import type { KeyStore, ReadAudit } from '@touchline/read-models';
import { athleteSubject } from './profile-reads.ts';
import type { RefreshTokens } from './oauth/refresh-tokens.ts';
import type { Revocations } from './oauth/revocations.ts';

export const deletionTypes = [AthleteDeletedSchema.typeName, ManagerDeletedSchema.typeName] as const;

/** Makes what the log holds of a deleted person unreadable for good, and ends his sessions. */
export class Erasure {
  readonly #keys: Pick<KeyStore, 'destroy'>;
  readonly #refreshTokens: Pick<RefreshTokens, 'revokeAllOf'>;
  readonly #revocations: Pick<Revocations, 'revoke'>;
  readonly #reads: Pick<ReadAudit, 'forget'>;

  constructor(
    keys: Pick<KeyStore, 'destroy'>,
    refreshTokens: Pick<RefreshTokens, 'revokeAllOf'>,
    revocations: Pick<Revocations, 'revoke'>,
    reads: Pick<ReadAudit, 'forget'>,
  ) {
    this.#keys = keys;
    this.#refreshTokens = refreshTokens;
    this.#revocations = revocations;
    this.#reads = reads;
  }

  /** To be called once the deletion is in the log; again does no harm. @throws MongoError */
  async erase(userId: number): Promise<void> {
    await this.#keys.destroy(userStream(userId));
    await this.#refreshTokens.revokeAllOf(userId);
    await this.#revocations.revoke({ user: userId, at: new Date() });
    await this.#reads.forget(athleteSubject(userId));
  }

  /** For a deletion whose command did not come so far. @throws MongoError */
  async handle(event: Pick<StoredEvent, 'stream'>): Promise<void> {
    const userId = userIdOf(event.stream);
    if (userId !== undefined) await this.erase(userId);
  }
}
