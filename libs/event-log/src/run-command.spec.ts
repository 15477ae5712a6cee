import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventLogUnavailable, WrongExpectedRevision } from './errors.ts';
import type { CommandContext, StoredEvent, StreamLog } from './event.ts';
import { eventId } from './event-id.ts';
import { InMemoryLog } from './in-memory-log.ts';
import { runCommand, type Decider, type EventCodec } from './run-command.ts';

type Event = { type: 'Put'; item: string } | { type: 'Counted'; total: number };
type Command = { put: string };

const codec: EventCodec<Event> = {
  encode: (event) => ({ type: `test.v1.${event.type}`, data: { ...event } }),
  decode: (stored: StoredEvent) => stored.data as unknown as Event,
};

/** Nothing is put in twice; a basket holds at most three. */
const decider: Decider<Command, readonly string[], Event, 'full'> = {
  initial: [],
  evolve: (state, event) => (event.type === 'Put' ? [...state, event.item] : state),
  decide({ put }, state) {
    if (state.includes(put)) return [];
    if (state.length >= 3) return { rejected: 'full' };
    return [
      { type: 'Put', item: put },
      { type: 'Counted', total: state.length + 1 },
    ];
  },
};

const context = (commandId: string): CommandContext => ({
  commandId,
  correlationId: 'request-1',
  actor: 'user:12',
  at: Date.UTC(2021, 10, 19, 12, 18, 29),
});

const put = (log: StreamLog, item: string, more: object = {}) =>
  runCommand({
    log,
    stream: 'basket-1',
    codec,
    decider,
    command: { put: item },
    context: context(item),
    ...more,
  });

describe('a command', () => {
  test('appends what was decided, with ids and metadata of the command', async () => {
    const log = new InMemoryLog();
    const done = await put(log, 'apple');
    expect(done).toMatchObject({ state: ['apple'], revision: 1, events: [{ item: 'apple' }, { total: 1 }] });
    expect(log.events.map(({ id }) => id)).toEqual(
      [0, 1].map((index) => eventId('apple', 'basket-1', index)),
    );
    expect(log.events[0]!.metadata).toEqual({
      correlation_id: 'request-1',
      causation_id: 'apple',
      actor: 'user:12',
      at: '2021-11-19T12:18:29.000Z',
    });
  });

  test('reads no stream that is new, until an append finds that it is not', async () => {
    const log = new InMemoryLog();
    let reads = 0;
    const counting: StreamLog = {
      append: (...args) => log.append(...args),
      read: (...args) => ((reads += 1), log.read(...args)),
    };
    expect(await put(counting, 'apple', { isNew: true })).toMatchObject({ state: ['apple'] });
    expect(reads).toBe(1); // where the two events lie
    expect(await put(counting, 'pear', { isNew: true })).toMatchObject({ state: ['apple', 'pear'] });
  });

  test('tells the position of the last event of each type', async () => {
    const log = new InMemoryLog();
    const done = await put(log, 'apple');
    expect(done).toMatchObject({
      written: [
        { eventType: 'test.v1.Put', position: log.events[0]!.position },
        { eventType: 'test.v1.Counted', position: log.events[1]!.position },
      ],
    });
  });

  test('that writes nothing tells the last event of its stream', async () => {
    const log = new InMemoryLog();
    await put(log, 'apple');
    const done = await put(log, 'apple');
    expect(done).toMatchObject({
      events: [],
      revision: 1,
      written: [{ eventType: 'test.v1.Counted', position: log.events[1]!.position }],
    });
    expect(log.events).toHaveLength(2);
  });

  test('that is rejected writes nothing', async () => {
    const log = new InMemoryLog();
    for (const item of ['a', 'b', 'c']) await put(log, item);
    expect(await put(log, 'd')).toEqual({ rejected: 'full' });
    expect(log.events).toHaveLength(6);
  });

  test('decides anew when somebody else was faster', async () => {
    const log = new InMemoryLog();
    let interfered = false;
    const done = await put(log, 'apple', {
      beforeAppend: async () => {
        if (!interfered) await put(log, 'pear');
        interfered = true;
        return undefined;
      },
    });
    expect(done).toMatchObject({
      state: ['pear', 'apple'],
      events: [{ item: 'apple' }, { total: 2 }],
      revision: 3,
    });
  });

  test('gives up after its attempts with the conflict', async () => {
    const log = new InMemoryLog();
    const busy: StreamLog = {
      read: (stream, options) => log.read(stream, options),
      append: (stream, _events, expected) => Promise.reject(new WrongExpectedRevision(stream, expected, 9)),
    };
    let attempts = 0;
    const given = put(busy, 'apple', { maxAttempts: 3, beforeAppend: async () => void attempts++ });
    await expect(given).rejects.toThrow(WrongExpectedRevision);
    expect(attempts).toBe(3);
  });

  test('does not swallow an outage', async () => {
    const log = new InMemoryLog();
    const away: StreamLog = {
      read: (stream, options) => log.read(stream, options),
      append: () => Promise.reject(new EventLogUnavailable('append: no answer')),
    };
    await expect(put(away, 'apple')).rejects.toThrow(EventLogUnavailable);
  });

  test('sees the place of its append before it appends, and may still be refused', async () => {
    const log = new InMemoryLog();
    await put(log, 'apple');
    const targets: unknown[] = [];
    const refused = await put(log, 'pear', {
      beforeAppend: async (_events: unknown, target: unknown) => {
        targets.push(target);
        return { rejected: 'full' };
      },
    });
    expect(refused).toEqual({ rejected: 'full' });
    expect(targets).toEqual([{ stream: 'basket-1', revision: 2 }]);
    expect(log.events).toHaveLength(2);
  });

  test('passes over the bookkeeping of the log but counts its revisions', async () => {
    const log = new InMemoryLog();
    const metadata = { correlation_id: 'c', actor: 'service:x', at: '2021-11-19T12:18:29.000Z' };
    const abandoned = { type: 'log.v1.ReservationAbandoned', id: eventId('x', 'y', 0), data: {}, metadata };
    await log.append('basket-1', [abandoned], 'no_stream');
    expect(await put(log, 'apple')).toMatchObject({ state: ['apple'], revision: 2 });
  });

  test('of many at once is carried out exactly once each, in whatever order they meet', async () => {
    const items = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 2 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), items, async (scheduler, wanted) => {
        const log = new InMemoryLog();
        const slow: StreamLog = {
          read: (stream, options) => log.read(stream, options),
          append: scheduler.scheduleFunction((...call: Parameters<StreamLog['append']>) =>
            log.append(...call),
          ),
        };
        const all = Promise.all(wanted.map((item) => put(slow, item, { maxAttempts: 20 })));
        const results = await scheduler.waitFor(all);
        const accepted = wanted.filter((_, index) => !('rejected' in results[index]!));
        const stored = log.events
          .filter(({ type }) => type === 'test.v1.Put')
          .map(({ data }) => (data as never)['item']);
        expect(stored.toSorted()).toEqual(accepted.toSorted());
        expect(stored).toHaveLength(Math.min(3, wanted.length));
      }),
      { numRuns: 50 },
    );
  });
});
