import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import type { ListQuery } from '@touchline/http';
import { knownByBytes } from '@touchline/rpc';

const MAX_KNOWN_BYTES = 8 * 1024 * 1024;
/** Of an entry beside its key and its text. */
const ENTRY_BYTES = 100;

/** JSON text of an encoded row. */
export type RowText = (row: Uint8Array) => string;

/**
 * Whoever turns over the same pages gets the same rows again and again: the text that was made of the same bytes before is
 * known.
 *
 * @param json must follow from the row alone
 */
export function rowText<Desc extends DescMessage>(
  schema: Desc,
  json: (row: MessageShape<Desc>) => unknown,
): RowText {
  return knownByBytes((row: Uint8Array) => JSON.stringify(json(fromBinary(schema, row))), {
    maxBytes: MAX_KNOWN_BYTES,
    sizeOf: (text) => text.length + ENTRY_BYTES,
  });
}

/** Reads the stream of a list to its end. */
export async function readList(
  stream: AsyncIterable<{ count: number; rows: readonly Uint8Array[] }>,
  toText: RowText,
): Promise<{ count: number; rows: string[] }> {
  let count = 0;
  const rows: string[] = [];
  for await (const message of stream) {
    count = message.count;
    for (const row of message.rows) rows.push(toText(row));
  }
  return { count, rows };
}

/** The message `common.v1.ListOptions` of a request. */
export function listOptions({ page, limit, ordering, search }: ListQuery) {
  return { page, limit, ordering: [...ordering], search };
}
