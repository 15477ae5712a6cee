import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventLog, eventId } from '@touchline/event-log';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const main = path.resolve(import.meta.dirname, '../main.ts');
const started: ChildProcess[] = [];
let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'touchline-engines-'));
});

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

function launch({ ipc = false } = {}) {
  const child = spawn(
    process.execPath,
    ['--conditions=touchline-source', main, 'engines', '--data-dir', dataDir],
    { stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])] },
  );
  started.push(child);
  const output = { out: '', err: '' };
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.stderr?.on('data', (chunk) => (output.err += chunk));
  const urls = new Promise<{ eventstore: URL; mongodb: URL }>((resolve) => {
    child.stdout?.on('data', (chunk) => {
      output.out += chunk;
      const found = /^EVENTSTORE_URL=(esdb:\S+)\nMONGODB_URL=(mongodb:\S+)\n$/.exec(output.out);
      if (found) resolve({ eventstore: new URL(found[1] ?? ''), mongodb: new URL(found[2] ?? '') });
    });
  });
  return { child, output, exited, urls };
}

function listens({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => undefined).once('connect', () => socket.destroy());
  });
}

describe('the engines alone', () => {
  it('print their URLs, serve on them, and end at SIGTERM', async () => {
    const { child, urls, exited } = launch();
    const { eventstore, mongodb } = await urls;
    expect(eventstore.searchParams.get('tls')).toBe('false');
    expect(await listens(eventstore)).toBe(true);
    expect(await listens(mongodb)).toBe(true);
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(await listens(eventstore)).toBe(false);
  });

  it('take appends while queries are slow', async () => {
    const { eventstore, mongodb } = await launch().urls;
    const log = EventLog.connect({ url: eventstore.href });
    const mongo = new MongoClient(mongodb.href);
    try {
      const notes = mongo.db('slow').collection<{ _id: number; text: string }>('notes');
      const text = 'x'.repeat(1000);
      await notes.insertMany(Array.from({ length: 10_000 }, (_, _id) => ({ _id, text })));
      const event = (index: number) => ({
        type: 'test.v1.Happened',
        id: eventId('slow', 'happened', index),
        data: {},
        metadata: { correlation_id: 'c', actor: 'user:1', at: '2021-11-19T10:00:00.000Z' },
      });
      await log.append('slow-1', [event(0)], 'any');
      const order: string[] = [];
      const slow = Array.from({ length: 60 }, () => notes.countDocuments({ text: { $regex: 'y$' } }));
      const counted = Promise.all(slow).then(() => order.push('queries'));
      for (let index = 1; index <= 5; index += 1) await log.append('slow-1', [event(index)], 'any');
      order.push('appends');
      await counted;
      expect(order).toEqual(['appends', 'queries']);
    } finally {
      await Promise.all([log.close(), mongo.close()]);
    }
  });

  it('end with the parent that opened a channel to them', async () => {
    const { child, urls, exited } = launch({ ipc: true });
    await urls;
    child.disconnect();
    expect(await exited).toBe(0);
  });

  it('start again on a directory whose engines were killed', async () => {
    const first = launch();
    await first.urls;
    first.child.kill('SIGKILL');
    const second = launch();
    await second.urls;
  });

  it('refuse a directory on which others run', async () => {
    await launch().urls;
    const { exited, output } = launch();
    expect(await exited).toBe(1);
    expect(output.err).toMatch(/^Touchline runs already on the data directory .*\n$/);
  });

  it.each(['log.sqlite', 'database.sqlite'])('say in a line that %s is damaged', async (file) => {
    writeFileSync(path.join(dataDir, file), 'this is no database, whatever its name says\n'.repeat(500));
    const { exited, output } = launch();
    expect(await exited).toBe(1);
    expect(output.err).toContain(path.join(dataDir, file));
    expect(output.err.trim().split('\n')).toHaveLength(1);
    expect(output.out).toBe('');
  });
});
