import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { HttpError, type KeyedRequest, type Reply } from '@touchline/http';
import type { GatewayCall } from './gateway-call.ts';

/** What is kept of a request with an `Idempotency-Key`. */
export interface IdempotencyRecord {
  /** A hash of the caller and his key; the key itself is kept nowhere. */
  readonly id: string;
  /** A hash of the request. */
  readonly request: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdMs: number;
  /** The answer, encrypted under a key that follows from the `Idempotency-Key`; absent until there is one. */
  readonly answer?: Uint8Array;
}

export interface IdempotencyStore {
  /** False when there is a record with the id. Durable when it resolves. */
  insert(record: IdempotencyRecord): Promise<boolean>;
  find(id: string): Promise<IdempotencyRecord | undefined>;
  complete(id: string, answer: Uint8Array): Promise<void>;
  /** Removes the record, unless it is a newer one than of `createdMs`. */
  remove(id: string, createdMs: number): Promise<void>;
}

const KEPT_FOR_MS = 24 * 3_600_000;
const MAX_KEY_LENGTH = 255;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Whose key it is: keys of different callers never meet. */
const scopeOf = ({ caller }: GatewayCall): string =>
  caller?.kind === 'user' ? `user:${caller.id}` : 'anonymous';

const hash = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** Names the command of a caller's key, so that a repetition is recognised further down, too. */
export const commandIdOf = (userId: number | undefined, key: string): string =>
  hash('command', userId === undefined ? 'anonymous' : `user:${userId}`, key);

const answerKey = (scope: string, key: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, scope, 'touchline idempotent answer', 32));

function sealAnswer(reply: Reply, key: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([
    nonce,
    cipher.update(JSON.stringify(reply), 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

function openAnswer(sealed: Uint8Array, key: Uint8Array): Reply {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const text = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  return JSON.parse(text.toString('utf8')) as Reply;
}

/** Whether a failure leaves open what was done. */
const isUncertain = (error: HttpError | undefined): boolean =>
  error === undefined || error.status === 500 || error.status === 504;

/**
 * Answers a request with an `Idempotency-Key` once: the key is written before the command is sent; the same request gets
 * the first answer again for 24 hours. A refusal is not kept: nothing was done, and the key may be used again.
 *
 * @throws HttpError 400 for a key that is none, 409 while the first is under way or its answer was lost, 422 when the key
 * came with another request
 */
export function once(
  store: IdempotencyStore,
  toHttpError: (error: unknown) => HttpError | undefined,
  now = Date.now,
) {
  return async (
    { key, content, call }: KeyedRequest<GatewayCall>,
    run: () => Promise<Reply>,
  ): Promise<Reply> => {
    if (key.length > MAX_KEY_LENGTH) {
      throw new HttpError(400, `An Idempotency-Key has at most ${MAX_KEY_LENGTH} characters.`);
    }
    const scope = scopeOf(call);
    const record = { id: hash('id', scope, key), request: hash('request', key, content), createdMs: now() };
    while (!(await store.insert(record))) {
      const known = await store.find(record.id);
      if (!known) continue;
      if (now() - known.createdMs >= KEPT_FOR_MS) {
        await store.remove(known.id, known.createdMs);
        continue;
      }
      if (known.request !== record.request) {
        throw new HttpError(422, 'This Idempotency-Key was used for another request.');
      }
      if (!known.answer) {
        throw new HttpError(
          409,
          'A request with this Idempotency-Key is under way, or its answer was lost.',
          {
            headers: { 'Retry-After': '1' },
          },
        );
      }
      const reply = openAnswer(known.answer, answerKey(scope, key));
      return { ...reply, headers: { ...reply.headers, 'Idempotency-Replayed': 'true' } };
    }
    try {
      const reply = await run();
      await store.complete(record.id, sealAnswer(reply, answerKey(scope, key)));
      return reply;
    } catch (error) {
      const answered = error instanceof HttpError ? error : toHttpError(error);
      if (!isUncertain(answered)) await store.remove(record.id, record.createdMs);
      throw error;
    }
  };
}
