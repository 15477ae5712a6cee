import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Sealed } from '@touchline/contracts/common/v1/common';
import { WebhookSecretSchema } from '@touchline/contracts/webhooks/v1/events';
import { type KeySource, open, requireKeys, seal } from '@touchline/event-log';

/** One key a webhook, made before anything is sealed under it. */
export interface WebhookKeys extends KeySource {
  /** Durable when it resolves. */
  getOrCreate(keyId: string): Promise<Uint8Array>;
}

/** Ids are never used twice, so the stream's name names the webhook's key, too. */
const keyIdOf = (stream: string): string => stream;

/** @throws KeyDestroyed */
export async function sealToken(token: string, stream: string, keys: WebhookKeys): Promise<Sealed> {
  const keyId = keyIdOf(stream);
  const key = await keys.getOrCreate(keyId);
  const bytes = toBinary(WebhookSecretSchema, create(WebhookSecretSchema, { secretToken: token }));
  return seal(key, keyId, bytes, stream);
}

/** The token, undefined when its key has been destroyed. @throws KeysUnknown, DecryptionFailed */
export async function openToken(
  sealed: Pick<Sealed, 'keyId' | 'nonce' | 'ciphertext'>,
  stream: string,
  keys: KeySource,
): Promise<string | undefined> {
  const keyId = keyIdOf(stream);
  const key = (await requireKeys(keys, [keyId])).get(keyId);
  return key && fromBinary(WebhookSecretSchema, open(key, sealed, stream)).secretToken;
}
