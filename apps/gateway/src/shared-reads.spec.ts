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
  const first = ask('first', 'a');
  await turn();
  const replies = [ask('second', 'a'), ask('third', 'a')];
  await turn();
  expect(names()).toEqual(['first']);
  running[0]?.reply();
  expect(rowsOf(await first)).toEqual(['first']);
  await turn();
  expect(names()).toEqual(['first', 'second']);
  running[1]?.reply();
  expect((await Promise.all(replies)).map(rowsOf)).toEqual([['second'], ['second']]);
});

it('reads at once for another key', async () => {
  const { ask, running, names } = harness();
  const replies = [ask('mine', 'a'), ask('of another', 'b')];
  await turn();
  expect(names()).toEqual(['mine', 'of another']);
  for (const { reply } of running) reply();
  expect((await Promise.all(replies)).map(rowsOf)).toEqual([['mine'], ['of another']]);
});

it('reads again for those who stay when the one for whom it was read goes away', async () => {
  const { ask, running, names } = harness();
  const leaver = new AbortController();
  const leaves = expect(ask('leaver', 'a', leaver.signal)).rejects.toThrow();
  const stays = ask('stays', 'a');
  await turn();
  expect(names()).toEqual(['leaver']);
  leaver.abort();
  running[0]?.fail(new Error('cancelled'));
  await leaves;
  await turn();
  expect(names()).toEqual(['leaver', 'stays']);
  running[1]?.reply();
  expect(rowsOf(await stays)).toEqual(['stays']);
});

it('fails for all who asked when it cannot be read', async () => {
  const { ask, running } = harness();
  const replies = Promise.allSettled([ask('first', 'a'), ask('second', 'a')]);
  await turn();
  running[0]?.fail(new Error('away'));
  expect(await replies).toMatchObject([{ reason: { message: 'away' } }, { reason: { message: 'away' } }]);
});
