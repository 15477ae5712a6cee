import type { RawValue } from '../bson/types.ts';

/** What `hello` promises, and what is refused beyond it. */
export const maxBsonObjectSize = 16_777_216;
export const maxMessageSizeBytes = 48_000_000;
export const maxWriteBatchSize = 100_000;
/** Internally made documents, such as a reply around 16 MiB of documents, may be a little greater. */
export const maxReplyBatchBytes = maxBsonObjectSize;
/** Bytes of half-received messages of all connections together, beyond which the next one is cut. */
export const maxBufferedBytes = 256 * 1024 * 1024;
export const maxConnections = 2_000;

/** A document that is too great for anybody to store or receive. */
export function isTooLarge(document: RawValue): boolean {
  return document.end - document.start > maxBsonObjectSize;
}
