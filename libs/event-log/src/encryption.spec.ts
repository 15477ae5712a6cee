import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecryptionFailed, generateKey, open, seal } from './encryption.ts';

const key = generateKey();
const text = new TextEncoder().encode('Ada Lovelace, 1815-12-10');

describe('sealed bytes', () => {
  test('open under their key and in their place', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (plaintext, aad) => {
        expect(open(key, seal(key, 'k', plaintext, aad), aad)).toEqual(plaintext);
      }),
    );
  });

  test('never look alike, even when they say the same', () => {
    const a = seal(key, 'k', text, 'user-12');
    const b = seal(key, 'k', text, 'user-12');
    expect(Buffer.from(a.nonce).equals(b.nonce)).toBe(false);
    expect(Buffer.from(a.ciphertext).equals(b.ciphertext)).toBe(false);
  });

  test('do not open when a single bit is changed anywhere', () => {
    const sealed = seal(key, 'k', text, 'user-12');
    for (const part of ['nonce', 'ciphertext'] as const) {
      for (let bit = 0; bit < sealed[part].length * 8; bit++) {
        const bytes = Uint8Array.from(sealed[part]);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        expect(() => open(key, { ...sealed, [part]: bytes }, 'user-12')).toThrow(DecryptionFailed);
      }
    }
  });

  test('do not open in another stream, under another key or cut short', () => {
    const sealed = seal(key, 'k', text, 'user-12');
    expect(() => open(key, sealed, 'user-13')).toThrow(DecryptionFailed);
    expect(() => open(generateKey(), sealed, 'user-12')).toThrow(DecryptionFailed);
    expect(() => open(key, { ...sealed, ciphertext: sealed.ciphertext.subarray(0, 15) }, 'user-12')).toThrow(
      'what was sealed under key k cannot be opened',
    );
    expect(() => open(key, { ...sealed, nonce: new Uint8Array() }, 'user-12')).toThrow(DecryptionFailed);
  });
});
