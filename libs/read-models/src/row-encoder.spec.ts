import { BSON } from 'mongodb';
import { describe, expect, it, vi } from 'vitest';
import { RowEncoder } from './row-encoder.ts';

interface Player {
  _id: number;
  name: string;
}

const stored = (player: Player): Buffer => Buffer.from(BSON.serialize(player));

describe('the rows of documents', () => {
  const encode = vi.fn(({ _id, name }: Player) => Buffer.from(`${_id} ${name}`));
  const encoder = () => {
    encode.mockClear();
    return new RowEncoder<Player>(encode);
  };
  const textOf = (rows: RowEncoder<Player>, player: Player) => String(rows.row(stored(player)).bytes);

  it('are made once of the same document, and anew of a changed one', () => {
    const rows = encoder();
    expect(rows.row(stored({ _id: 1, name: 'Zoë' }))).toEqual({ id: 1, bytes: Buffer.from('1 Zoë') });
    expect(textOf(rows, { _id: 1, name: 'Zoë' })).toBe('1 Zoë');
    expect(encode).toHaveBeenCalledTimes(1);
    expect(textOf(rows, { _id: 1, name: 'Zoe' })).toBe('1 Zoe');
    expect(textOf(rows, { _id: 2, name: 'Zoë' })).toBe('2 Zoë');
    expect(encode).toHaveBeenCalledTimes(3);
  });

  it('are not kept of large documents', () => {
    const rows = encoder();
    const name = 'x'.repeat(5000);
    for (let i = 0; i < 2; i++) expect(textOf(rows, { _id: 1, name })).toBe(`1 ${name}`);
    expect(encode).toHaveBeenCalledTimes(2);
  });
});
