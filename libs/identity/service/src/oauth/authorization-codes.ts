import { createHash, randomBytes } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { newFamily } from './refresh-tokens.ts';

/** Long enough for a redirect. */
const lifetimeMs = 60_000;

/** What a code stands for. */
export interface CodeGrant {
  client: string;
  user: number;
  scope: string;
  /** As the request named it; null when it left it out. */
  redirectUri: string | null;
  /** RFC 7636, of the method S256. */
  codeChallenge: string;
}

interface CodeDocument extends CodeGrant {
  /** Hex of the code's SHA-256; codes are 256 random bits, so a plain hash keeps them. */
  _id: string;
  used: boolean;
  /** The family of refresh tokens that the code begins. */
  session: string;
  /** Of the access token that was issued for it. */
  tokenId: string | null;
  expiresAt: Date;
}

/** Authorization codes, in the state database. */
export class AuthorizationCodes {
  readonly #codes: Collection<CodeDocument>;

  constructor(state: Db) {
    this.#codes = state.collection<CodeDocument>('authorization-codes');
  }

  async prepare(): Promise<true> {
    await this.#codes.createIndex({ expiresAt: 1 });
    return true;
  }

  /** Those that have expired meanwhile are dropped. */
  async issue(grant: CodeGrant, now: Date): Promise<string> {
    const code = randomBytes(32).toString('base64url');
    await this.#codes.insertOne({
      _id: hashOf(code),
      ...grant,
      used: false,
      session: newFamily(),
      tokenId: null,
      expiresAt: new Date(now.getTime() + lifetimeMs),
    });
    await this.#codes.deleteMany({ expiresAt: { $lte: now } });
    return code;
  }

  /** Takes a code that nobody has used, exactly once; of a used one what was issued for it, which is stolen then. */
  async take(
    code: string,
    client: string,
    now: Date,
  ): Promise<
    (CodeGrant & { session: string }) | { usedFor: { session: string; tokenId: string | null } } | undefined
  > {
    const mine = { _id: hashOf(code), client, expiresAt: { $gt: now } };
    const taken = await this.#codes.findOneAndUpdate({ ...mine, used: false }, { $set: { used: true } });
    if (taken) return taken;
    const used = await this.#codes.findOne({ ...mine, used: true });
    return used ? { usedFor: { session: used.session, tokenId: used.tokenId } } : undefined;
  }

  /** Notes what a code was used for. */
  async used(code: string, tokenId: string): Promise<void> {
    await this.#codes.updateOne({ _id: hashOf(code) }, { $set: { tokenId } });
  }

  /** Of somebody whose password has changed. */
  async revokeAllOf(user: number): Promise<void> {
    await this.#codes.deleteMany({ user, used: false });
  }
}

/** RFC 7636 section 4.6, of the method S256. */
export function isVerifierOf(codeVerifier: string, codeChallenge: string): boolean {
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(codeVerifier)) return false;
  return createHash('sha256').update(codeVerifier).digest('base64url') === codeChallenge;
}

function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
