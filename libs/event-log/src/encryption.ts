import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { SealedSchema, type Sealed } from '@touchline/contracts/common/v1/common';

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The bytes were changed, belong elsewhere or were sealed under another key. */
export class DecryptionFailed extends Error {
  readonly keyId: string;

  constructor(keyId: string, cause?: unknown) {
    super(`what was sealed under key ${keyId} cannot be opened: changed bytes, wrong place or wrong key`, {
      cause,
    });
    this.name = 'DecryptionFailed';
    this.keyId = keyId;
  }
}

/** A fresh key of 32 random bytes. */
export function generateKey(): Uint8Array {
  return new Uint8Array(randomBytes(KEY_BYTES));
}

/**
 * AES-256-GCM with a random nonce; the ciphertext ends with the tag.
 *
 * @param key 32 bytes
 * @param aad what the bytes belong to, the stream's name: sealed bytes moved elsewhere do not open
 */
export function seal(key: Uint8Array, keyId: string, plaintext: Uint8Array, aad: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(aad, 'utf8'));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return create(SealedSchema, {
    keyId,
    nonce: new Uint8Array(nonce),
    ciphertext: new Uint8Array(ciphertext),
  });
}

/** @throws DecryptionFailed */
export function open(
  key: Uint8Array,
  sealed: MessageInitShape<typeof SealedSchema>,
  aad: string,
): Uint8Array {
  const { keyId = '', nonce, ciphertext } = sealed;
  if (nonce?.length !== NONCE_BYTES || !ciphertext || ciphertext.length < TAG_BYTES) {
    throw new DecryptionFailed(keyId);
  }
  try {
    const end = ciphertext.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(aad, 'utf8'))
      .setAuthTag(ciphertext.subarray(end));
    const plaintext = Buffer.concat([decipher.update(ciphertext.subarray(0, end)), decipher.final()]);
    return new Uint8Array(plaintext);
  } catch (error) {
    throw new DecryptionFailed(keyId, error);
  }
}
