import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { ExpectedRevision } from './append-decision.ts';
import { LogStore } from './log-store.ts';
import type { WriteOutcome } from './log-writer.ts';
import type { ProposedEvent } from './records.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'touchline-log-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const event = (label: number, type = 'Counted', bytes = 3): ProposedEvent => ({
  id: label.toString(16).padStart(32, '0'),
  type,
  isJson: false,
  metadata: new Uint8Array(),
  data: new Uint8Array(bytes),
});

/** The log as lists in memory: what the store must be like, without deletions and metadata. */
class Model {
  readonly streams = new Map<string, number[]>();
  readonly all: string[] = [];

  append(stream: string, expected: ExpectedRevision, labels: readonly number[]): unknown {
    const known = this.streams.get(stream) ?? [];
    const last = known.length - 1;
    const wrong = { kind: 'wrong-expected-revision', actualRevision: last };
    const write = (): unknown => {
      if (labels.length > 0) this.streams.set(stream, [...known, ...labels]);
      labels.forEach((label, i) => this.all.push(`${stream} ${known.length + i} ${label}`));
      return { kind: 'written', lastRevision: last + labels.length };
    };
    if (expected.kind === 'any' || expected.kind === 'stream-exists') {
      if (expected.kind === 'stream-exists' && last < 0) return wrong;
      const firstNew = labels.findIndex((label) => !known.includes(label));
      if (firstNew === 0 || labels.length === 0) return write();
      return firstNew > 0 ? wrong : { kind: 'written', lastRevision: known.lastIndexOf(labels.at(-1) ?? -1) };
    }
    const at = expected.kind === 'revision' ? Number(expected.revision) : -1;
    if (at === last) return write();
    const there = labels.length > 0 && labels.every((label, i) => known[at + 1 + i] === label);
    return at < last && there ? { kind: 'written', lastRevision: at + labels.length } : wrong;
  }
}

const withoutPosition = (outcome: WriteOutcome): unknown =>
  outcome.kind === 'written' ? { kind: outcome.kind, lastRevision: outcome.lastRevision } : outcome;

const describeAll = (store: LogStore): string[] =>
  store.reader
    .allForwards(0, { limit: 10_000, window: 10_000 })
    .events.map(({ stream, revision, id }) => `${stream} ${revision} ${id.at(-1)}`);

describe('the store', () => {
  it('does what lists in memory would do, for appends alone and in groups, and after it was opened again', async () => {
    const appends = fc.array(
      fc.record({
        stream: fc.constantFrom('left', 'right'),
        expected: fc.oneof(
          fc.constantFrom<ExpectedRevision>(
            { kind: 'any' },
            { kind: 'no-stream' },
            { kind: 'stream-exists' },
          ),
          fc.nat(5).map((revision): ExpectedRevision => ({ kind: 'revision', revision: BigInt(revision) })),
        ),
        labels: fc.array(fc.nat(7), { maxLength: 3 }),
        together: fc.boolean(),
      }),
      { minLength: 1, maxLength: 25 },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(appends, async (steps) => {
        run += 1;
        const directory = path.join(dataDir, String(run));
        const store = LogStore.open(directory);
        const model = new Model();
        let pending: Promise<void>[] = [];
        for (const { stream, expected, labels, together } of steps) {
          const wanted = model.append(stream, expected, labels);
          pending.push(
            store
              .append(
                stream,
                expected,
                labels.map((label) => event(label)),
              )
              .then((outcome) => expect(withoutPosition(outcome)).toEqual(wanted)),
          );
          if (together) continue;
          await Promise.all(pending);
          pending = [];
        }
        await Promise.all(pending);
        expect(describeAll(store)).toEqual(model.all);
        store.close();
        const again = LogStore.open(directory);
        expect(describeAll(again)).toEqual(model.all);
        again.close();
      }),
      { numRuns: 40 },
    );
  });

  it('puts appends of one turn into one commit, of which one that is refused takes no part', async () => {
    const store = LogStore.open(dataDir);
    let commits = 0;
    store.onCommitted(() => (commits += 1));
    const outcomes = await Promise.allSettled([
      store.append('a', { kind: 'no-stream' }, [event(1)]),
      store.append('a', { kind: 'no-stream' }, [event(2)]),
      store.append('b', { kind: 'any' }, [event(3, 'Big', 2_000_000)]),
      store.append('c', { kind: 'any' }, [event(4)]),
    ]);
    expect(outcomes).toMatchObject([
      { value: { kind: 'written', position: 1 } },
      { value: { kind: 'wrong-expected-revision', actualRevision: 0 } },
      { reason: { refusal: { code: 'append-too-large' } } },
      { value: { kind: 'written', position: 2 } },
    ]);
    expect(commits).toBe(1);
    store.close();
  });

  it('keeps nothing of an append that the disk refuses, and goes on', async () => {
    const store = LogStore.open(dataDir);
    await store.append('a', { kind: 'no-stream' }, [event(1)]);
    // NUL bytes are allowed; a type that is no string is what SQLite's strict tables refuse.
    const broken = { ...event(3), type: new Uint8Array([1]) as unknown as string };
    const [good, bad, next] = await Promise.allSettled([
      store.append('a', { kind: 'any' }, [event(2)]),
      store.append('b', { kind: 'any' }, [event(5), broken]),
      store.append('b', { kind: 'no-stream' }, [event(4)]),
    ]);
    expect(good).toMatchObject({ value: { kind: 'written', lastRevision: 1, position: 2 } });
    expect(bad).toMatchObject({
      reason: {
        refusal: {
          code: 'storage-failed',
          message: expect.stringContaining(`could not write ${store.file}`),
        },
      },
    });
    expect(next).toMatchObject({ value: { kind: 'written', lastRevision: 0, position: 3 } });
    expect(describeAll(store)).toEqual(['a 0 1', 'a 1 2', 'b 0 4']);
    store.close();
  });

  it('reads pages of bounded size', async () => {
    const store = LogStore.open(dataDir);
    for (let i = 0; i < 20; i += 1) await store.append('big', { kind: 'any' }, [event(i, 'Big', 100_000)]);
    for (let i = 0; i < 5; i += 1)
      await store.append(
        'small',
        { kind: 'any' },
        Array.from({ length: 200 }, (_, k) => event(1000 + i * 200 + k)),
      );
    const bytes = (page: { events: readonly { data: Uint8Array }[] }): number =>
      page.events.reduce((sum, { data }) => sum + data.length, 0);
    expect(bytes(store.reader.streamForwards('big', 0, 1000))).toBeLessThan(400_000);
    expect(store.reader.streamForwards('small', 0, 1000).events.length).toBeLessThanOrEqual(256);
    const page = store.reader.allForwards(0, {
      limit: 1000,
      filter: { on: 'stream', matches: (name) => name === 'small' },
      window: 100,
    });
    expect(page).toMatchObject({ searchedTo: 100, searched: 100, atEnd: false });
    expect(page.events).toHaveLength(80);
    store.close();
  });

  it('answers with what it closed on: waiting appends are written first', async () => {
    const store = LogStore.open(dataDir);
    const waiting = store.append('a', { kind: 'no-stream' }, [event(1)]);
    store.close();
    expect(await waiting).toMatchObject({ kind: 'written', position: 1 });
  });

  it('names the file and what to do when it finds it damaged while it runs', () => {
    const store = LogStore.open(dataDir);
    const failure = (errcode: number, message: string): unknown =>
      Object.assign(new Error(message), { errcode });
    expect(store.explain(failure(11, 'database disk image is malformed'), 'read')).toMatchObject({
      message: `The log could not read ${store.file}: database disk image is malformed. The file is damaged: restore it from a backup.`,
    });
    expect(store.explain(failure(13, 'database or disk is full'), 'write')).toMatchObject({
      message: `The log could not write ${store.file}: database or disk is full. Nothing of it was kept.`,
    });
    store.close();
  });
});
