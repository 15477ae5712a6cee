import { createHash, randomBytes } from 'node:crypto';
import type { Collection, Db } from 'mongodb';

const lifetimeMs = 90 * 24 * 3_600_000;

/** All refresh tokens that descend from one sign-in; only the newest is good. */
interface FamilyDocument {
  _id: string;
  user: number;
  client: string;
  scope: string;
  /** Hex of the newest token's SHA-256; tokens are 256 random bits, so a plain hash keeps them. */
  current: string;
  revoked: boolean;
  expiresAt: Date;
}

export interface RefreshGrant {
  user: number;
  scope: string;
  refreshToken: string;
}

export class RefreshTokens {
  readonly #families: Collection<FamilyDocument>;

  constructor(state: Db) {
    this.#families = state.collection<FamilyDocument>('refresh-tokens');
  }

  async prepare(): Promise<true> {
    await this.#families.createIndex({ user: 1 });
    return true;
  }

  /** Begins a family; the user's expired ones are dropped. */
  async issue(
    grant: { user: number; client: string; scope: string },
    now: Date,
    family = newFamily(),
  ): Promise<string> {
    const { token, hash } = tokenOf(family);
    await this.#families.insertOne({
      _id: family,
      ...grant,
      current: hash,
      revoked: false,
      expiresAt: expiry(now),
    });
    await this.#families.deleteMany({ user: grant.user, expiresAt: { $lte: now } });
    return token;
  }

  /**
   * Exchanges the newest token of a family for the next, exactly once. An older one is a stolen or a doubly used one:
   * the family is revoked.
   */
  async rotate(token: string, client: string, now: Date): Promise<RefreshGrant | 'invalid' | 'reused'> {
    const family = /^([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43}$/.exec(token)?.[1];
    if (family === undefined) return 'invalid';
    const next = tokenOf(family);
    const rotated = await this.#families.findOneAndUpdate(
      { _id: family, client, current: hashOf(token), revoked: false, expiresAt: { $gt: now } },
      { $set: { current: next.hash, expiresAt: expiry(now) } },
    );
    if (rotated) return { user: rotated.user, scope: rotated.scope, refreshToken: next.token };
    const reused = await this.#families.updateOne(
      { _id: family, client, current: { $ne: hashOf(token) }, revoked: false },
      { $set: { revoked: true } },
    );
    return reused.modifiedCount > 0 ? 'reused' : 'invalid';
  }

  /** The sign-in that the token is the newest of; undefined when it is not good. */
  async find(
    token: string,
    now: Date,
  ): Promise<
    { session: string; user: number; client: string; scope: string; expiresAtMs: number } | undefined
  > {
    const family = await this.#families.findOne({
      _id: sessionOf(token),
      current: hashOf(token),
      revoked: false,
      expiresAt: { $gt: now },
    });
    if (!family) return undefined;
    const { _id: session, user, client, scope, expiresAt } = family;
    return { session, user, client, scope, expiresAtMs: expiresAt.getTime() };
  }

  /** The user's sign-ins, without their tokens. */
  async *of(
    user: number,
  ): AsyncGenerator<{ client: string; scope: string; expiresAt: Date; revoked: boolean }, void, void> {
    yield* this.#families.find({ user }, { sort: { expiresAt: 1 }, projection: { current: 0 } });
  }

  async revoke(session: string): Promise<void> {
    await this.#families.updateOne({ _id: session }, { $set: { revoked: true } });
  }

  /** @param session of which the tokens stay good */
  async revokeAllOf(user: number, session?: string): Promise<void> {
    const others = session === undefined ? {} : { _id: { $ne: session } };
    await this.#families.updateMany({ user, revoked: false, ...others }, { $set: { revoked: true } });
  }
}

/** The name of a family that is to begin. */
export function newFamily(): string {
  return randomBytes(16).toString('base64url');
}

/** The family that a token of ours belongs to: the session of whoever signed in. */
export function sessionOf(token: string): string {
  return token.slice(0, token.indexOf('.'));
}

function tokenOf(family: string): { token: string; hash: string } {
  const token = `${family}.${randomBytes(32).toString('base64url')}`;
  return { token, hash: hashOf(token) };
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function expiry(now: Date): Date {
  return new Date(now.getTime() + lifetimeMs);
}
