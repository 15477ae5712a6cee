import { listReply, type Reply } from '@touchline/http';
import { expect, it } from 'vitest';
import { sharedReads } from './shared-reads.ts';

function harness() {
  const share = sharedReads();
  const running: { name: string; reply: () => void; fail: (error: Error) => void }[] = [];
  const ask = (name: string, key: string, signal = new AbortController().signal) =>
    share({ key, signal }, () => {
      const { promise, resolve, reject } = Promise.withResolvers<Reply>();
      running.push({ name, reply: () => resolve(listReply(1, [name])), fail: reject });
      return promise;
    });
  return { ask, running, names: () => running.map(({ name }) => name) };
}

const rowsOf = ({ body }: Reply) => (body.kind === 'list' ? body.rows : undefined);
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('answers what comes while the same is read with one more reading, begun after it came', async () => {
  const { ask, running, names } = harness();
  const replies = [ask('first', 'a'), ask('second', 'a'), ask('third', 'a')];
  expect(names()).toEqual(['first']);
  running[0]?.reply();
  expect(rowsOf(await replies[0]!)).toEqual(['first']);
  expect(names()).toEqual(['first', 'second']);
  running[1]?.reply();
  expect((await Promise.all(replies)).map(rowsOf)).toEqual([['first'], ['second'], ['second']]);
});

it('reads at once for another key', async () => {
  const { ask, running, names } = harness();
  const replies = [ask('mine', 'a'), ask('of another', 'b')];
  expect(names()).toEqual(['mine', 'of another']);
  for (const { reply } of running) reply();
  expect((await Promise.all(replies)).map(rowsOf)).toEqual([['mine'], ['of another']]);
});

it('reads again for those who stay when the one for whom it was read goes away', async () => {
  const { ask, running, names } = harness();
  const leaver = new AbortController();
  const before = ask('before', 'a');
  const replies = [ask('leaver', 'a', leaver.signal), ask('stays', 'a')];
  const left = expect(replies[0]).rejects.toThrow();
  running[0]?.reply();
  await before;
  leaver.abort();
  running[1]?.fail(new Error('cancelled'));
  await left;
  await turn();
  expect(names()).toEqual(['before', 'leaver', 'stays']);
  running[2]?.reply();
  expect(rowsOf(await replies[1]!)).toEqual(['stays']);
});

it('fails for all who asked when it cannot be read', async () => {
  const { ask, running } = harness();
  const replies = Promise.allSettled([ask('first', 'a'), ask('second', 'a'), ask('third', 'a')]);
  running[0]?.reply();
  await turn();
  running[1]?.fail(new Error('away'));
  expect(await replies).toMatchObject([
    { status: 'fulfilled' },
    { reason: { message: 'away' } },
    { reason: { message: 'away' } },
  ]);
});
