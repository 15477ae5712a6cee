import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { spawnEngine } from './testing/spawn-engine.ts';

const rounds = 4;
const writers = 8;
const maxRunMs = 400;

interface Counter {
  _id: string;
  /** Grows by one with each write. */
  n: number;
  /** Equal to `n` in every whole write, and indexed. */
  copy: number;
}

/** Upserts and updates until the server is gone; returns the last number acknowledged and the last one sent. */
async function write(url: string, _id: string): Promise<{ _id: string; acknowledged: number; sent: number }> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 500, retryWrites: false });
  const counters = client.db('crash').collection<Counter>('counters');
  let acknowledged = 0;
  let sent = 0;
  try {
    for (;;) {
      sent = acknowledged + 1;
      await counters.bulkWrite([
        {
          replaceOne: {
            filter: { _id, n: acknowledged },
            replacement: { n: sent, copy: 0 },
            upsert: acknowledged === 0,
          },
        },
        { updateOne: { filter: { _id }, update: { $set: { copy: sent } } } },
      ]);
      acknowledged = sent;
    }
  } catch {
    await client.close();
    return { _id, acknowledged, sent };
  }
}

describe('a database whose process is killed while it is written to', () => {
  it('holds every acknowledged write, in its documents as in its indexes', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-database-'));
    const results: Awaited<ReturnType<typeof write>>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const engine = await spawnEngine(dataDir);
      const client = await MongoClient.connect(engine.url);
      await client.db('crash').collection('counters').createIndex({ copy: 1 });
      await client
        .db('crash')
        .collection<Counter>('counters')
        .insertOne({ _id: `round-${round}`, n: 0, copy: 0 });
      const running = Array.from({ length: writers }, (_, i) => write(engine.url, `${round}-${i}`));
      await pause(50 + Math.random() * maxRunMs);
      await engine.kill();
      results.push(...(await Promise.all(running)));
      await client.close();
    }
    expect(results.some(({ acknowledged }) => acknowledged > 0)).toBe(true);

    const engine = await spawnEngine(dataDir);
    const client = await MongoClient.connect(engine.url);
    const counters = client.db('crash').collection<Counter>('counters');
    for (const { _id, acknowledged, sent } of results) {
      const found = await counters.findOne({ _id });
      expect([acknowledged, sent]).toContain(found?.n ?? 0);
      if (found === null) continue;
      expect(
        (await counters.find({ copy: found.copy }, { hint: 'copy_1' }).toArray()).map((one) => one._id),
      ).toContain(_id);
    }
    expect(await counters.countDocuments({ copy: { $gte: 0 } })).toBe(
      await counters.countDocuments({}, { hint: '_id_' }),
    );
    await client.close();
    await engine.close();
    await rm(dataDir, { recursive: true });
  });
});
