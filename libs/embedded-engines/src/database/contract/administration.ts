import { describe, expect, it } from 'vitest';
import { type Connect, errorOf, ids, session } from './session.ts';

/** Collections and databases: made, named, listed and dropped. */
export function administrationContract(connect: Connect): void {
  describe('a collection', () => {
    const s = session(connect);
    const names = async () =>
      (await s.db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort();

    it('comes to be with its first document, and goes', async () => {
      const { collectionName } = s.collection;
      await s.collection.insertOne({});
      expect(await names()).toContain(collectionName);
      await s.collection.drop();
      expect(await names()).not.toContain(collectionName);
      expect(await s.collection.find().toArray()).toEqual([]);
      expect(await s.collection.estimatedDocumentCount()).toBe(0);
    });

    it('is listed by a filter', async () => {
      const name = s.collection.collectionName;
      await s.collection.insertOne({});
      const [listed] = await s.db.listCollections({ name }).toArray();
      expect(listed).toMatchObject({
        name,
        type: 'collection',
        info: { readOnly: false },
        idIndex: { key: { _id: 1 }, name: '_id_' },
      });
    });

    it('takes its documents and indexes along under another name', async () => {
      const to = `${s.collection.collectionName}.renamed`;
      await s.collection.createIndex({ a: 1 }, { unique: true });
      await s.collection.insertOne({ _id: 1, a: 1 });
      const renamed = await s.collection.rename(to);
      expect(await ids(renamed.find({ a: 1 }))).toEqual([1]);
      expect((await errorOf(renamed.insertOne({ a: 1 }))).code).toBe(11000);
      expect((await renamed.indexes()).map(({ name }) => name)).toEqual(['_id_', 'a_1']);
      expect(await s.collection.countDocuments()).toBe(0);
    });

    it('takes the place of another only when it is told so', async () => {
      const target = s.db.collection<{ _id: number }>(`${s.collection.collectionName}.target`);
      await s.collection.insertOne({ _id: 1 });
      await target.insertOne({ _id: 2 });
      expect((await errorOf(s.collection.rename(target.collectionName))).code).toBe(48);
      await s.collection.rename(target.collectionName, { dropTarget: true });
      expect(await ids(target.find())).toEqual([1]);
      expect((await errorOf(s.collection.rename('somewhere'))).code).toBe(26);
    });
  });

  describe('a database', () => {
    const s = session(connect);

    it('is listed while it has collections', async () => {
      const other = s.client.db(`${s.db.databaseName}_2`);
      const listed = async () =>
        (await s.client.db().admin().listDatabases({ nameOnly: true })).databases.map(({ name }) => name);
      await other.collection('c').insertOne({});
      expect(await listed()).toContain(other.databaseName);
      await other.dropDatabase();
      expect(await listed()).not.toContain(other.databaseName);
    });

    it('does not know every command', async () => {
      const error = await errorOf(s.db.command({ bogus: 1 }));
      expect([error.code, error.codeName]).toEqual([59, 'CommandNotFound']);
    });
  });
}
