import { describe, expect, it, vi } from 'vitest';
import { listMessages } from './list-messages.ts';

const encode = (bytes: number) => new Uint8Array(bytes);
const rows = (count: number, bytes: number) => Array.from({ length: count }, () => bytes);
const rowsOfMessages = (given: Iterable<number>) =>
  [...listMessages(7, given, encode)].map((message) => message.rows.length);

describe('the messages of a list', () => {
  it('tells the count of an empty page', () => {
    expect([...listMessages(7, [], encode)]).toEqual([{ count: 7, rows: [] }]);
  });

  it('holds a usual page in one message', () => {
    expect(rowsOfMessages(rows(150, 40))).toEqual([150]);
  });

  it('begins another message after 500 rows', () => {
    expect(rowsOfMessages(rows(1001, 1))).toEqual([500, 500, 1]);
  });

  it('begins another message before it is larger than 256 KiB, which one row may be', () => {
    expect(rowsOfMessages([...rows(3, 100_000), ...rows(1, 300_000), ...rows(1, 1)])).toEqual([2, 1, 1, 1]);
  });

  it('encodes no more rows than the message that is asked for needs', () => {
    const encoded = vi.fn(encode);
    listMessages(7, rows(2000, 10), encoded).next();
    expect(encoded).toHaveBeenCalledTimes(501);
  });
});
