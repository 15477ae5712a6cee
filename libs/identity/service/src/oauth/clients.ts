import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { type Collection, type Db, MongoServerError } from 'mongodb';

export const grantTypes = ['password', 'refresh_token'] as const;
export type GrantType = (typeof grantTypes)[number];

export interface OAuthClient {
  id: string;
  /** What the client may use; the password grant can be switched off. */
  grantTypes: readonly GrantType[];
  /** Where its users are sent back to with an authorization code; none: they cannot sign in here. */
  redirectUris: readonly string[];
}

interface ClientDocument {
  _id: string;
  /** Hex of the secret's HMAC-SHA-256 under a key of the deployment. */
  secretMac: string;
  grantTypes: GrantType[];
  redirectUris?: string[];
  createdAt: Date;
}

/**
 * The OAuth clients, in the state database. Of a secret only a MAC is kept: without the deployment's own secret nobody
 * can try guesses against it, and every token request can afford it.
 */
export class OAuthClients {
  readonly #clients: Collection<ClientDocument>;
  readonly #key: Buffer;

  /** @param deploymentSecret at least 32 bytes */
  constructor(state: Db, deploymentSecret: Uint8Array) {
    this.#clients = state.collection<ClientDocument>('oauth-clients');
    this.#key = Buffer.from(hkdfSync('sha256', deploymentSecret, '', 'touchline oauth client secrets', 32));
  }

  /** Whoever asks for it. */
  async find(id: string): Promise<OAuthClient | undefined> {
    const client = await this.#clients.findOne({ _id: id });
    return client ? clientOf(client) : undefined;
  }

  /** The client with its right secret. */
  async authenticate(id: string, secret: string): Promise<OAuthClient | undefined> {
    const client = await this.#clients.findOne({ _id: id });
    const mac = this.#mac(id, secret);
    const stored = client ? Buffer.from(client.secretMac, 'hex') : Buffer.alloc(mac.length);
    const right = stored.length === mac.length && timingSafeEqual(stored, mac);
    return client && right ? clientOf(client) : undefined;
  }

  /** Makes the client when there is none of this id; one that is there stays as it is. */
  async createIfAbsent(id: string, secret: string, now: Date): Promise<'created' | 'exists'> {
    try {
      await this.#clients.insertOne({
        _id: id,
        secretMac: this.#mac(id, secret).toString('hex'),
        grantTypes: [...grantTypes],
        createdAt: now,
      });
      return 'created';
    } catch (error) {
      if (error instanceof MongoServerError && error.code === 11000) return 'exists';
      throw error;
    }
  }

  async setRedirectUris(id: string, redirectUris: readonly string[]): Promise<void> {
    await this.#clients.updateOne({ _id: id }, { $set: { redirectUris: [...redirectUris] } });
  }

  #mac(id: string, secret: string): Buffer {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([id, secret]))
      .digest();
  }
}

function clientOf({ _id: id, grantTypes, redirectUris = [] }: ClientDocument): OAuthClient {
  return { id, grantTypes, redirectUris };
}
