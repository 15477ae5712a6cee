import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rawDocument } from '../bson/reader.ts';
import { serialize } from '../testing/arbitrary.ts';
import { arraysElsewhere } from './index-keys.ts';
import { parseIndexSpec } from './index-spec.ts';
import { fileName, Store } from './store.ts';

describe('a store', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'store-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const multikey = (store: Store) => store.find('d', 'c')!.indexes[0]!.multikey;

  it('takes over a file of the first format, of whose arrays it knows nothing', async () => {
    const first = new Store(directory);
    const collection = first.create('d', 'c');
    const spec = { key: { 'e.x': 1 }, name: 'e.x_1' };
    first.createIndex(collection, parseIndexSpec(rawDocument(serialize(spec))));
    collection.insert(rawDocument(serialize({ _id: 1, e: [{ x: 1 }] })));
    first.commit();
    expect(multikey(first)).toBe(1);
    await first.close();
    const file = new DatabaseSync(path.join(directory, fileName));
    file.exec('PRAGMA user_version = 1');
    file.close();
    for (let start = 0; start < 2; start += 1) {
      const again = new Store(directory);
      expect(multikey(again)).toBe(1 | arraysElsewhere);
      await again.close();
    }
  });
});
