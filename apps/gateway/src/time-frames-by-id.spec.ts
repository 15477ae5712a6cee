import { create } from '@bufbuild/protobuf';
import {
  GetTimeFramesRequestSchema,
  GetTimeFramesResponseSchema,
  TimeFrameRefusal,
} from '@touchline/contracts/activity/v1/service';
import type { CallOptions } from '@touchline/rpc';
import { expect, it } from 'vitest';
import { TimeFramesById } from './time-frames-by-id.ts';

/** An activity service in which 1 to 9 are there, 403 is another's, and nothing else is. */
function timeFrames() {
  const calls: { ids: readonly number[]; token: string | undefined; filtered: boolean }[] = [];
  const byId = new TimeFramesById({
    async getTimeFrames(init, options: CallOptions = {}) {
      const { timeFrames: ids, filter } = create(GetTimeFramesRequestSchema, init);
      calls.push({ ids, token: options.token, filtered: filter?.owner !== undefined });
      await new Promise((resolve) => setImmediate(resolve));
      const answers = ids.map((id) =>
        id < 10
          ? { answer: { case: 'timeFrame' as const, value: { id } } }
          : {
              answer: {
                case: 'refusal' as const,
                value: id === 403 ? TimeFrameRefusal.FORBIDDEN : TimeFrameRefusal.NOT_FOUND,
              },
            },
      );
      return { message: create(GetTimeFramesResponseSchema, { answers }), written: [] };
    },
  });
  const get = (id: number, reading: CallOptions, filter = {}, expand = {}) =>
    byId.get({ timeFrame: id, filter, expand }, reading);
  return { calls, get };
}

it('asks as one for what a user asks for at the same time, and never with the token of another', async () => {
  const { calls, get } = timeFrames();
  const frames = await Promise.all([
    ...[1, 2, 3].map((id) => get(id, { token: 'a' })),
    ...[4, 5, 6].map((id) => get(id, { token: 'b' })),
  ]);
  expect(frames.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(calls.map(({ token, ids }) => [token, ids])).toEqual([
    ['a', [1, 2, 3]],
    ['b', [4, 5, 6]],
  ]);
});

it('keeps apart what is asked for with other resources or within a filter', async () => {
  const { calls, get } = timeFrames();
  await Promise.all([
    get(1, { token: 'a' }),
    get(2, { token: 'a' }, {}, { device: true }),
    get(3, { token: 'a' }, { owner: 1 }),
    get(4, { token: 'a' }, { owner: 1 }),
  ]);
  expect(calls.map(({ ids, filtered }) => [ids, filtered])).toEqual([
    [[3], true],
    [[4], true],
    [[1], false],
    [[2], false],
  ]);
});

it('refuses one without the others', async () => {
  const { get } = timeFrames();
  const [first, missing, forbidden, last] = await Promise.allSettled(
    [1, 404, 403, 2].map((id) => get(id, { token: 'a' })),
  );
  expect(first).toMatchObject({ value: { id: 1 } });
  expect(missing).toMatchObject({ reason: { status: 'not_found' } });
  expect(forbidden).toMatchObject({ reason: { status: 'forbidden' } });
  expect(last).toMatchObject({ value: { id: 2 } });
});
