import type { ListQuery } from '@touchline/http';

type RowOf<M> = M extends { item: infer I }
  ? I extends { case: string; value: infer V }
    ? Exclude<V, number>
    : never
  : never;

/** Reads the stream of a list to its end. */
export async function readList<M extends { item: { case: string | undefined; value?: unknown } }, T>(
  stream: AsyncIterable<M>,
  toRow: (row: RowOf<M>) => T,
): Promise<{ count: number; rows: T[] }> {
  let count = 0;
  const rows: T[] = [];
  for await (const { item } of stream) {
    if (item.case === 'count') count = Number(item.value);
    else if (item.case !== undefined) rows.push(toRow(item.value as RowOf<M>));
  }
  return { count, rows };
}

/** The message `common.v1.ListOptions` of a request. */
export function listOptions({ page, limit, ordering, search }: ListQuery) {
  return { page, limit, ordering: [...ordering], search };
}
