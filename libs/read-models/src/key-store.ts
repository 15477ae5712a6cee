import { createHash } from 'node:crypto';
import { Binary, MongoServerError, type Collection, type Db } from 'mongodb';
import { generateKey, KEY_BYTES, open, seal, type KeyLookup, type KeySource } from '@touchline/event-log';

interface KeyDocument {
  _id: string;
  /** Absent once the key is destroyed. */
  wrapped?: { master: string; nonce: Binary; ciphertext: Binary };
  destroyed?: true;
}

const DUPLICATE_KEY = 11000;

/** A key that was to be made but has been destroyed: it never comes back. */
export class KeyDestroyed extends Error {
  readonly keyId: string;

  constructor(keyId: string) {
    super(`the key ${keyId} has been destroyed`);
    this.name = 'KeyDestroyed';
    this.keyId = keyId;
  }
}

/** Keys of persons, webhooks and device-days, wrapped by the master key, in `keys` of the context's state database. */
export class KeyStore implements KeySource {
  readonly #keys: Collection<KeyDocument>;
  readonly #master: Uint8Array;
  /** Tells a wrong master key from changed bytes. */
  readonly #masterId: string;

  /** @param masterKey 32 bytes, from the configuration */
  constructor(state: Db, masterKey: Uint8Array) {
    if (masterKey.length !== KEY_BYTES) {
      throw new RangeError(`the master key has ${masterKey.length} bytes, ${KEY_BYTES} are needed`);
    }
    this.#keys = state.collection<KeyDocument>('keys');
    this.#master = masterKey;
    this.#masterId = createHash('sha256')
      .update('touchline master key')
      .update(masterKey)
      .digest('hex')
      .slice(0, 16);
  }

  /** A new key. @throws MongoServerError (11000) when the id is in use, MongoError */
  async create(keyId: string): Promise<Uint8Array> {
    const key = generateKey();
    const { nonce, ciphertext } = seal(this.#master, this.#masterId, key, aad(keyId));
    const wrapped = { master: this.#masterId, nonce: new Binary(nonce), ciphertext: new Binary(ciphertext) };
    await this.#keys.insertOne({ _id: keyId, wrapped });
    return key;
  }

  /** @throws KeyDestroyed, DecryptionFailed, MongoError */
  async getOrCreate(keyId: string): Promise<Uint8Array> {
    const found = await this.#find(keyId);
    if (found) return found;
    try {
      return await this.create(keyId);
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
      const made = await this.#find(keyId);
      if (!made) throw error;
      return made;
    }
  }

  /** @throws DecryptionFailed, MongoError */
  async get(keyIds: readonly string[]): Promise<Map<string, KeyLookup>> {
    const lookups = new Map<string, KeyLookup>(keyIds.map((id) => [id, { state: 'unknown' }]));
    if (lookups.size === 0) return lookups;
    for await (const document of this.#keys.find({ _id: { $in: [...lookups.keys()] } })) {
      lookups.set(document._id, this.#unwrap(document));
    }
    return lookups;
  }

  /** For ever; an id that never had a key will never get one. @throws MongoError */
  async destroy(keyId: string): Promise<void> {
    await this.#keys.updateOne(
      { _id: keyId },
      { $set: { destroyed: true }, $unset: { wrapped: '' } },
      { upsert: true },
    );
  }

  async #find(keyId: string): Promise<Uint8Array | undefined> {
    const lookup = (await this.get([keyId])).get(keyId);
    if (lookup?.state === 'destroyed') throw new KeyDestroyed(keyId);
    return lookup?.state === 'present' ? lookup.key : undefined;
  }

  #unwrap({ _id, wrapped, destroyed }: KeyDocument): KeyLookup {
    if (destroyed || !wrapped) return { state: 'destroyed' };
    if (wrapped.master !== this.#masterId) {
      throw new Error(
        `the key ${_id} was wrapped by another master key: is TOUCHLINE_MASTER_KEY the right one?`,
      );
    }
    const sealed = { keyId: _id, nonce: bytesOf(wrapped.nonce), ciphertext: bytesOf(wrapped.ciphertext) };
    return { state: 'present', key: open(this.#master, sealed, aad(_id)) };
  }
}

function aad(keyId: string): string {
  return `key:${keyId}`;
}

function bytesOf(binary: Binary): Uint8Array {
  return new Uint8Array(binary.buffer.subarray(0, binary.position));
}
