import { timeFrameStream } from '@touchline/activity-domain';
import type { CommandContext } from '@touchline/event-log';
import { InMemoryLog } from '@touchline/event-log/in-memory-log';
import { expect, it } from 'vitest';
import { Activities } from './activities.ts';
import { TimeFrames } from './time-frames.ts';
import { Wearings } from './wearing.ts';

const DEVICE = 7;
const command = (commandId: string): CommandContext => ({
  commandId,
  correlationId: 'r',
  actor: 'user:1',
  at: Date.UTC(2021, 10, 19),
});

/** One instance of the service; `log.reads` are all streams that it read. */
function instance(log: InMemoryLog) {
  const reads: string[] = [];
  const read: InMemoryLog['read'] = (stream, options) => (reads.push(stream), log.read(stream, options));
  const own = { append: log.append.bind(log), read };
  const timeFrames = new TimeFrames(own, new Activities(own));
  const wearings = new Wearings(own, timeFrames);
  const reserve = (timeFrameId: number, athlete: number, startMs: number) =>
    wearings.reserve(
      DEVICE,
      { timeFrameId, owner: 1, athlete, startMs, endMs: startMs + 10 },
      { stream: timeFrameStream(timeFrameId), revision: 0 },
      command(`command-${timeFrameId}`),
    );
  return { reserve, reads };
}

it('reads what it reserved itself only once', async () => {
  const { reserve, reads } = instance(new InMemoryLog());
  for (let id = 1; id <= 5; id += 1) expect(await reserve(id, 12, id * 100)).toBeUndefined();
  expect(reads).toEqual([`wearing-${DEVICE}`]);
});

it('refuses what another instance has reserved for another athlete since it looked', async () => {
  const log = new InMemoryLog();
  const [first, second] = [instance(log), instance(log)];
  expect(await first.reserve(1, 12, 0)).toBeUndefined();
  expect(await second.reserve(2, 13, 100)).toBeUndefined();
  const refused = { code: 'device_worn_by_another', timeFrameId: 2 };
  expect(await first.reserve(3, 12, 105)).toEqual(refused);
  expect(await first.reserve(4, 12, 110)).toBeUndefined();
});

it('refuses what it knows to be reserved only when it still is', async () => {
  const now = { ms: Date.now() - 60_000 };
  const log = new InMemoryLog(() => now.ms);
  const { reserve } = instance(log);
  const other = instance(log);
  expect(await other.reserve(1, 12, 0)).toBeUndefined();
  // Reserved long ago and never appended: void.
  expect(await reserve(2, 13, 5)).toBeUndefined();
  expect(log.events.map(({ type }) => type)).toContain('log.v1.ReservationAbandoned');
});
