import type { StoredEvent } from '@touchline/event-log';
import { expect, it } from 'vitest';
import { readingAtMost } from './reading-at-most.ts';

it('reads so many streams at a time, and the next when one is left, read to its end or not', async () => {
  const open = new Set<string>();
  const log = readingAtMost(2, {
    async *read(stream: string) {
      open.add(stream);
      try {
        yield {} as StoredEvent;
        yield {} as StoredEvent;
      } finally {
        open.delete(stream);
      }
    },
  });
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((stream) => log.read(stream)[Symbol.asyncIterator]());
  await Promise.all([a!.next(), b!.next()]);
  const third = c!.next();
  const fourth = d!.next();
  expect([...open]).toEqual(['a', 'b']);
  await a!.return!();
  await third;
  expect([...open]).toEqual(['b', 'c']);
  for (let left = 2; left > 0; left -= 1) await b!.next();
  await fourth;
  expect([...open]).toEqual(['c', 'd']);
});
