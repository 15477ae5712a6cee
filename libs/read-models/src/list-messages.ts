const MAX_ROWS = 500;
const MAX_BYTES = 256 * 1024;

/** Of a list's answer. */
export interface ListMessage {
  /** Of all that match. */
  count: number;
  rows: Uint8Array[];
}

/**
 * The messages of a list's answer, at least one: a page is one message as a rule, and neither a long one nor one of large
 * rows is held as a whole.
 *
 * @param encode asked for a row when there is room for it
 */
export function* listMessages<R>(
  count: number,
  rows: Iterable<R>,
  encode: (row: R) => Uint8Array,
): Generator<ListMessage, void, void> {
  let some: Uint8Array[] = [];
  let bytes = 0;
  for (const one of rows) {
    const row = encode(one);
    if (some.length === MAX_ROWS || (some.length > 0 && bytes + row.length > MAX_BYTES)) {
      yield { count, rows: some };
      some = [];
      bytes = 0;
    }
    some.push(row);
    bytes += row.length;
  }
  yield { count, rows: some };
}
