import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeKey } from '../bson/key.ts';
import { encodeValue } from '../bson/writer.ts';
import {
  type CountKeys,
  type FindPlace,
  KeyPages,
  PageMemory,
  type Place,
  type ReadKeys,
} from './key-pages.ts';

const keyOf = (...fields: number[]): Buffer =>
  Buffer.concat(fields.map((field, i) => encodeKey(encodeValue(field), i === 1)));

function byPlace(a: Place, b: Place): number {
  return a.key.compare(b.key) || a.rid - b.rid;
}

/** An index as a sorted list, and how often it was read. */
class List {
  entries: Place[] = [];
  reads = 0;
  readonly read: ReadKeys = (from, to, count) => {
    this.reads += 1;
    const found = this.entries.filter((one) => byPlace(one, from) >= 0 && byPlace(one, to) < 0);
    return {
      rows: found.slice(0, count).map(({ key, rid }) => [rid, new Uint8Array(key)]),
      ended: found.length < count,
    };
  };

  readonly count: CountKeys = (from, to) => {
    this.reads += 1;
    return this.entries.filter((one) => byPlace(one, from) >= 0 && byPlace(one, to) < 0).length;
  };
  readonly find: FindPlace = (from, before) => this.entries.filter((one) => byPlace(one, from) >= 0)[before]!;

  add(place: Place): void {
    this.entries.push(place);
    this.entries.sort(byPlace);
  }

  remove(place: Place): void {
    this.entries = this.entries.filter((one) => byPlace(one, place) !== 0);
  }
}

function readAll(pages: KeyPages, list: List, start: Buffer, end: Buffer): string[] {
  const found: string[] = [];
  for (let from: Place | undefined = { key: start, rid: -1 }; from !== undefined;) {
    const { page, first, last, next } = pages.read(from, end, list.read);
    for (let i = first; i < last; i += 1) {
      const places = page.places.subarray(i * 3, i * 3 + 3);
      found.push(`${page.bytes.toString('hex', places[0], places[2])} ${page.rids[i]}`);
      expect(page.bytes.toString('hex', places[0], places[1])).toMatch(/^2[35]/);
    }
    from = next;
  }
  return found;
}

const small = fc.nat(6);
const entry = fc.tuple(small, small, fc.nat(3)).map(([a, b, rid]) => ({ key: keyOf(a, b), rid }));
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), entry }),
  fc.record({ kind: fc.constant('remove' as const), entry }),
  fc.record({ kind: fc.constant('read' as const), from: small, to: small }),
  fc.record({ kind: fc.constant('count' as const), from: small, to: small }),
  fc.record({ kind: fc.constant('skip' as const), from: small, skip: fc.nat(9) }),
  fc.record({ kind: fc.constant('clear' as const), from: small }),
);

describe('the pages of an index', () => {
  it('hold what the index holds, whatever is changed and read in between', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { selector: ({ key, rid }) => `${key.toString('hex')} ${rid}`, maxLength: 40 }),
        fc.array(step, { maxLength: 60 }),
        fc.constantFrom(200, 1_000_000),
        (entries, steps, maxBytes) => {
          const list = new List();
          entries.forEach((one) => list.add(one));
          const fields = [{ descending: false }, { descending: true }];
          const pages = new KeyPages(fields, { memory: new PageMemory(maxBytes), pageKeys: 3 });
          for (const one of steps) {
            if (one.kind === 'read') {
              const [start, end] = [keyOf(one.from), keyOf(one.to)];
              const wanted = list.entries.filter(
                ({ key }) => key.compare(start) >= 0 && key.compare(end) < 0,
              );
              expect(readAll(pages, list, start, end)).toEqual(
                wanted.map(({ key, rid }) => `${key.toString('hex')} ${rid}`),
              );
            } else if (one.kind === 'count') {
              const [start, end] = [keyOf(one.from), keyOf(one.to)];
              const wanted = list.count({ key: start, rid: -1 }, { key: end, rid: -1 });
              expect([wanted, undefined]).toContain(pages.counted(start, end));
              expect(pages.count(start, end, list.count)).toBe(wanted);
              const { reads } = list;
              expect([pages.counted(start, end), list.reads]).toEqual([wanted, reads]);
            } else if (one.kind === 'skip') {
              const behind = list.entries.filter(({ key }) => key.compare(keyOf(one.from)) >= 0);
              if (behind.length <= one.skip) continue;
              const place = pages.placeBehind(keyOf(one.from), one.skip, list.count, list.find);
              expect(list.entries.filter((entry) => byPlace(entry, place) >= 0)).toEqual(
                behind.slice(one.skip),
              );
            } else if (one.kind === 'clear') pages.clear();
            else {
              const before = list.entries.length;
              list.remove(one.entry);
              if (list.entries.length < before) pages.changed(one.entry.key, one.entry.rid, -1);
              if (one.kind !== 'add') continue;
              list.add(one.entry);
              pages.changed(one.entry.key, one.entry.rid, 1);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are read once, and once more where a key has changed', () => {
    const list = new List();
    for (let i = 0; i < 9; i += 1) list.add({ key: keyOf(1, i), rid: i });
    const pages = new KeyPages([{ descending: false }, { descending: true }], { pageKeys: 4 });
    const all = () => readAll(pages, list, keyOf(1), keyOf(2)).length;
    expect([all(), list.reads]).toEqual([9, 3]);
    expect([all(), list.reads]).toEqual([9, 3]);
    pages.changed(keyOf(1, 8), 8, 1);
    expect([all(), list.reads]).toEqual([9, 4]);
  });
});
