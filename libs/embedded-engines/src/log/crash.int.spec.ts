import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';

import { spawnEngine } from './testing/spawn-engine.ts';

const ROUNDS = 4;
const WRITERS = 12;
const MAX_RUN_MS = 400;
/** A call that the dead process left hanging is given up after so long. */
const DEADLINE_MS = 2000;

interface Batch {
  readonly stream: string;
  readonly ids: readonly string[];
}

/** Appends batches until the server is gone; notes each before it is sent and again when it is acknowledged. */
async function write(
  client: EventStoreDBClient,
  stream: string,
  sent: Batch[],
  acknowledged: Batch[],
): Promise<void> {
  for (let number = 0; ; number += 1) {
    const events = Array.from({ length: 1 + (number % 5) }, () =>
      jsonEvent({ id: randomUUID(), type: 'Ticked', data: { number } }),
    );
    const batch = { stream, ids: events.map((event) => event.id) };
    sent.push(batch);
    try {
      // Half of them through Append, half through BatchAppend.
      const credentials =
        number % 2 === 0 ? {} : { credentials: { username: 'admin', password: 'changeit' } };
      await Promise.race([
        client.appendToStream(stream, events, credentials),
        pause(DEADLINE_MS).then(() => Promise.reject(new Error('late'))),
      ]);
    } catch {
      return;
    }
    acknowledged.push(batch);
  }
}

/** The ids that each stream holds, in order. */
async function readBack(url: string): Promise<Map<string, string[]>> {
  const ids = new Map<string, string[]>();
  for await (const { event } of EventStoreDBClient.connectionString(url).readAll()) {
    if (event) ids.set(event.streamId, [...(ids.get(event.streamId) ?? []), event.id]);
  }
  return ids;
}

describe('a log whose process is killed while it is written to', () => {
  it('holds every acknowledged append once and in order, and no append by halves', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-log-'));
    const sent: Batch[] = [];
    const acknowledged: Batch[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const engine = await spawnEngine(dataDir);
      const client = EventStoreDBClient.connectionString(engine.url);
      await client.appendToStream(`round-${round}`, jsonEvent({ type: 'Begun', data: {} }));
      const writers = Array.from({ length: WRITERS }, (_, i) =>
        write(client, `round-${round}-writer-${i}`, sent, acknowledged),
      );
      await pause(Math.random() * MAX_RUN_MS);
      await engine.kill();
      await Promise.all(writers);
      void client.dispose();
    }
    expect(acknowledged.length).toBeGreaterThan(ROUNDS);

    const engine = await spawnEngine(dataDir);
    const found = await readBack(engine.url);
    for (const [stream, ids] of found) {
      if (!stream.includes('writer')) continue;
      const batches = sent.filter((batch) => batch.stream === stream);
      const certain = acknowledged.filter((batch) => batch.stream === stream);
      // A writer sends one append at a time: what is there beyond the acknowledged ones can only be the last, and whole.
      const whole = [certain, certain.length < batches.length ? batches : certain].map((some) =>
        some.flatMap((batch) => batch.ids),
      );
      expect(whole).toContainEqual(ids);
    }
    for (const { stream } of acknowledged) expect(found.has(stream)).toBe(true);
    await engine.close();
    await rm(dataDir, { recursive: true });
  });
});
