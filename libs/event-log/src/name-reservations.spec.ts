import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CommandContext, StoredEvent, StreamLog } from './event.ts';
import { WrongExpectedRevision } from './errors.ts';
import { fold } from './fold.ts';
import { InMemoryLog } from './in-memory-log.ts';
import { NameReservations } from './name-reservations.ts';
import { loadStream, runCommand, type Decider, type EventCodec } from './run-command.ts';

type Event = { type: 'Named'; name: string | null };
const codec: EventCodec<Event> = {
  encode: (event) => ({ type: 'test.v1.Named', data: { ...event } }),
  decode: (stored: StoredEvent) => stored.data as unknown as Event,
};
const decider: Decider<{ name: string | null }, string | null, Event, 'taken'> = {
  initial: null,
  evolve: (_state, { name }) => name,
  decide: ({ name }, state) => (name === state ? [] : [{ type: 'Named', name }]),
};

const SECRET = new Uint8Array(32).fill(7);
let nowMs: number;
let log: InMemoryLog;
let names: NameReservations;
let commands = 0;

const nameOf = async (stream: string) => (await loadStream(log, stream, codec, decider)).state;
const holds = (text: string) => async (stream: string) => {
  const name = await nameOf(stream);
  return name !== null && fold(name) === fold(text);
};
const newContext = (): CommandContext => {
  commands++;
  return { commandId: `command-${commands}`, correlationId: 'r', actor: 'user:1', at: nowMs };
};
const reserve = (stream: string, revision: number, text = 'ada') =>
  names.reserve({
    kind: 'username',
    text,
    target: { stream, revision },
    holds: holds(text),
    context: newContext(),
  });

/** As a context does it: reserve between decision and append, release what is no longer held. */
async function rename(stream: string, name: string | null, through: StreamLog = log) {
  const context = newContext();
  const before = await nameOf(stream);
  const done = await runCommand({
    log: through,
    stream,
    codec,
    decider,
    command: { name },
    context,
    maxAttempts: 20,
    beforeAppend: async (_events, target) => {
      if (name === null) return undefined;
      const given = new NameReservations(through, SECRET, () => nowMs);
      const outcome = await given.reserve({
        kind: 'username',
        text: name,
        target,
        holds: holds(name),
        context,
      });
      return outcome === 'taken' ? { rejected: 'taken' } : undefined;
    },
  });
  if (!('rejected' in done) && before !== null && before !== name) {
    await names.release({ kind: 'username', text: before, stream, revision: done.revision - 1, context });
  }
  return done;
}

beforeEach(() => {
  nowMs = Date.UTC(2021, 10, 19);
  log = new InMemoryLog(() => nowMs);
  names = new NameReservations(log, SECRET, () => nowMs);
});

describe('a name', () => {
  test('is reserved under a keyed hash of its folded text', async () => {
    await reserve('user-1', 0, 'ÀDA');
    expect(log.events[0]!.stream).toMatch(/^unique-username-[0-9a-f]{64}$/);
    expect(names.streamOf('username', 'a\u0300da')).toBe(log.events[0]!.stream);
    expect(new NameReservations(log, new Uint8Array(32)).streamOf('username', 'àda')).not.toBe(
      log.events[0]!.stream,
    );
    expect(log.events[0]!.data).toEqual({ stream: 'user-1' });
  });

  test('needs a secret worth the name', () => {
    expect(() => new NameReservations(log, new Uint8Array(31))).toThrow('at least 32 are needed');
  });

  test('that another stream holds is taken, however old the reservation', async () => {
    await rename('user-1', 'Ada');
    nowMs += 3_600_000;
    expect(await reserve('user-2', 0)).toBe('taken');
    expect(await rename('user-2', 'ADA')).toEqual({ rejected: 'taken' });
  });

  test('is free again once its stream has gone past the reservation without holding it', async () => {
    await rename('user-1', 'Ada');
    await runCommand({
      log,
      stream: 'user-1',
      codec,
      decider,
      command: { name: 'Bob' },
      context: newContext(),
    });
    expect(await reserve('user-2', 0)).toBe('reserved');
  });

  test('reserved by one who has not appended yet is taken for 30 s', async () => {
    await reserve('user-1', 0);
    nowMs += 29_999;
    expect(await reserve('user-2', 0)).toBe('taken');
    nowMs += 1;
    expect(await reserve('user-2', 0)).toBe('reserved');
  });

  test('taken over from a paused writer makes his append fail', async () => {
    await reserve('user-1', 0);
    nowMs += 30_000;
    expect(await reserve('user-2', 0)).toBe('reserved');
    expect(log.events.filter(({ stream }) => stream === 'user-1').map(({ type }) => type)).toEqual([
      'log.v1.ReservationAbandoned',
    ]);
    const late = log.append(
      'user-1',
      [
        {
          type: 'test.v1.Named',
          id: 'bcea5d49-7e08-5fda-bb4e-45bfa69f2493',
          data: { name: 'Ada' },
          metadata: { correlation_id: 'r', actor: 'user:1', at: '2021-11-19T00:00:00.000Z' },
        },
      ],
      'no_stream',
    );
    await expect(late).rejects.toThrow(WrongExpectedRevision);
  });

  test("is its own holder's to reserve again, for a retry and for a later append", async () => {
    await reserve('user-1', 0);
    expect(await reserve('user-1', 0)).toBe('reserved');
    expect(log.events).toHaveLength(1);
    expect(await reserve('user-1', 4)).toBe('reserved');
    expect(log.events).toHaveLength(2);
  });

  test('that was released is reserved without a look at the stream that held it', async () => {
    await rename('user-1', 'Ada');
    await rename('user-1', 'Bob');
    expect(log.events.at(-1)).toMatchObject({ type: 'log.v1.NameReleased', data: { stream: 'user-1' } });
    expect(await reserve('user-2', 0)).toBe('reserved');
  });

  test('is not released by one who no longer has it', async () => {
    await reserve('user-1', 0);
    await names.release({
      kind: 'username',
      text: 'ada',
      stream: 'user-2',
      revision: 0,
      context: newContext(),
    });
    expect(log.events).toHaveLength(1);
  });

  test('reserved anew by the same stream survives the late release of the old reservation', async () => {
    await reserve('user-1', 0);
    await reserve('user-1', 2);
    await names.release({
      kind: 'username',
      text: 'ada',
      stream: 'user-1',
      revision: 0,
      context: newContext(),
    });
    expect(await reserve('user-2', 0)).toBe('taken');
  });

  test('is held by one at most and never burnt, whatever meets, pauses and dies', async () => {
    const steps = fc.array(
      fc.record({
        stream: fc.constantFrom('user-1', 'user-2', 'user-3'),
        name: fc.constantFrom('ada', 'ADA', 'bob', null),
        dies: fc.boolean(),
        waitsMs: fc.constantFrom(0, 10_000, 30_000),
      }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps, async (scheduler, wanted) => {
        nowMs = Date.UTC(2021, 10, 19);
        log = new InMemoryLog(() => nowMs);
        names = new NameReservations(log, SECRET, () => nowMs);
        const heldBy = async (name: string) => {
          const streams = ['user-1', 'user-2', 'user-3', 'user-4'];
          const held = await Promise.all(streams.map((stream) => holds(name)(stream)));
          return streams.filter((_, index) => held[index]);
        };
        const attempts = wanted.map(async ({ stream, name, dies, waitsMs }) => {
          let appends = 0;
          const turn = async () => void (await scheduler.schedule(Promise.resolve()));
          const through: StreamLog = {
            async *read(...call) {
              await turn();
              yield* log.read(...call);
            },
            async append(...call) {
              await turn();
              // The first append is the reservation, the second what it precedes.
              if (dies && ++appends > 1) throw new Error('died');
              const appended = await log.append(...call);
              expect((await heldBy('ada')).length).toBeLessThanOrEqual(1);
              expect((await heldBy('bob')).length).toBeLessThanOrEqual(1);
              return appended;
            },
          };
          await turn();
          nowMs += waitsMs;
          return rename(stream, name, through).catch((error: Error) => {
            if (error.message !== 'died') throw error;
          });
        });
        await scheduler.waitFor(Promise.all(attempts));
        nowMs += 30_000;
        for (const name of ['ada', 'bob']) {
          const holders = await heldBy(name);
          const newcomer = await rename('user-4', name);
          expect('rejected' in newcomer).toBe(holders.length > 0);
          await rename('user-4', null);
        }
      }),
      { numRuns: 200 },
    );
  });
});
