import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 32 random bytes as base64url: no dots, so that it is never taken for a signed token. Shown once, never stored. */
export function createIngestToken(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256 in hexadecimal. The token is random, so its hash needs no salt. */
export function hashIngestToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

/** Compares hashes in hexadecimal in constant time. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, 'hex');
  const right = Buffer.from(b, 'hex');
  return left.length === right.length && left.length > 0 && timingSafeEqual(left, right);
}
