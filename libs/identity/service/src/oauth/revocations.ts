import type { Collection, Db } from 'mongodb';

/** An access token lives no longer, so that its revocation may be forgotten then. */
const accessTokenLifetimeMs = 36_000_000;

interface RevocationDocument {
  /** `token <jti>` or `user <id>`. */
  _id: string;
  token?: string;
  user?: number;
  expiresAt: Date;
}

/** Access tokens that are good no more before they expire, in the state database. */
export class Revocations {
  readonly #revoked: Collection<RevocationDocument>;

  constructor(state: Db) {
    this.#revoked = state.collection<RevocationDocument>('revocations');
  }

  /** Those that have expired meanwhile are dropped. */
  async revoke(what: { token: string; expiresAt: Date } | { user: number; at: Date }): Promise<void> {
    const [_id, expiresAt] =
      'token' in what
        ? [`token ${what.token}`, what.expiresAt]
        : [`user ${what.user}`, new Date(what.at.getTime() + accessTokenLifetimeMs)];
    const subject = 'token' in what ? { token: what.token } : { user: what.user };
    await this.#revoked.updateOne({ _id }, { $set: { ...subject, expiresAt } }, { upsert: true });
    await this.#revoked.deleteMany({ expiresAt: { $lte: new Date() } });
  }

  async isRevoked(token: string, user: number): Promise<boolean> {
    const ids = [`token ${token}`, `user ${user}`];
    return (await this.#revoked.findOne({ _id: { $in: ids } })) !== null;
  }

  async all(): Promise<{ tokenIds: string[]; users: number[] }> {
    const revoked = await this.#revoked.find({ expiresAt: { $gt: new Date() } }).toArray();
    return {
      tokenIds: revoked.flatMap(({ token }) => token ?? []),
      users: revoked.flatMap(({ user }) => user ?? []),
    };
  }
}
