import { BACKWARDS, END, FORWARDS, START } from '@eventstore/db-client';
import { describe, expect, it, vi } from 'vitest';

import { describeEvent, refusal, Session } from './session.ts';

/** Reads with an end: streams, links, metadata and $all. */
export function readingContract(connect: () => Promise<string>): void {
  const session = async (): Promise<Session> => new Session(await connect());
  const LABELS = ['a', 'b', 'c', 'd', 'e'];

  describe('reading a stream', () => {
    it('goes forwards from a revision, inclusive, and is empty beyond the end', async () => {
      const s = await session();
      const stream = s.stream('log');
      await s.append(stream, LABELS);
      expect(await s.read(stream, { maxCount: 2 })).toEqual(['0:a', '1:b']);
      expect(await s.read(stream, { fromRevision: 3n })).toEqual(['3:d', '4:e']);
      expect(await s.read(stream, { fromRevision: 1n, maxCount: 1 })).toEqual(['1:b']);
      expect(await s.read(stream, { fromRevision: 5n })).toEqual([]);
      expect(await s.read(stream, { fromRevision: 2n ** 64n - 1n })).toEqual([]);
    });

    it('goes backwards from a revision, inclusive, or from the end', async () => {
      const s = await session();
      const stream = s.stream('log');
      await s.append(stream, LABELS);
      const backwards = (fromRevision: typeof START | typeof END | bigint, maxCount = 2): Promise<string[]> =>
        s.read(stream, { direction: BACKWARDS, fromRevision, maxCount });
      expect(await backwards(END)).toEqual(['4:e', '3:d']);
      expect(await backwards(3n)).toEqual(['3:d', '2:c']);
      expect(await backwards(0n)).toEqual(['0:a']);
      expect(await backwards(START)).toEqual(['0:a']);
      expect(await backwards(77n, 9)).toEqual(['4:e', '3:d', '2:c', '1:b', '0:a']);
    });

    it('says that a stream is missing, in both directions', async () => {
      const s = await session();
      const stream = s.stream('nothing');
      expect(await refusal(s.read(stream))).toEqual({ refused: 'stream-not-found', stream });
      expect(await refusal(s.read(stream, { direction: BACKWARDS, fromRevision: END }))).toEqual({
        refused: 'stream-not-found',
        stream,
      });
    });

    it('refuses to read zero events, or forwards from the end', async () => {
      const s = await session();
      const stream = s.stream('log');
      await s.append(stream, LABELS);
      expect(await refusal(s.read(stream, { maxCount: 0 }))).toMatchObject({ refused: 'unknown' });
      expect(await refusal(s.read(stream, { direction: FORWARDS, fromRevision: END }))).toMatchObject({
        refused: 'unknown',
      });
    });

    it('hands out thousands of events of all sizes in order', async () => {
      const s = await session();
      const stream = s.stream('long');
      const sizes = Array.from({ length: 40 }, (_, batch) =>
        Array.from({ length: 50 }, (_, i) => (batch * 997 + i * 131) % 3000),
      );
      for (const batch of sizes) await s.appendBytes(stream, ...batch);
      const lengths: number[] = [];
      for await (const { event } of s.client.readStream(stream)) {
        expect(Number(event?.revision)).toBe(lengths.length);
        lengths.push(event?.data instanceof Uint8Array ? event.data.length : -1);
      }
      expect(lengths).toEqual(sizes.flat());
    });

    it('follows links when asked to, and hands out alone those that lead nowhere', async () => {
      const s = await session();
      const [log, links] = [s.stream('log'), s.stream('links')];
      await s.append(log, ['a', 'b']);
      await s.link(links, [1, log], [8, log], [0, s.stream('nothing')]);
      expect(await s.read(links)).toEqual(['0:$>', '1:$>', '2:$>']);
      const followed = [];
      for await (const { event, link } of s.client.readStream(links, { resolveLinkTos: true })) {
        followed.push([
          event && describeEvent(event),
          event?.streamId,
          link?.streamId,
          Number(link?.revision),
        ]);
      }
      expect(followed).toEqual([
        ['1:b', log, links, 0],
        [undefined, undefined, links, 1],
        [undefined, undefined, links, 2],
      ]);
    });
  });

  describe('metadata', () => {
    it('is kept as given, by revisions of its own, and does not make a stream', async () => {
      const s = await session();
      const stream = s.stream('log');
      expect((await s.client.getStreamMetadata(stream)).metadata).toBeUndefined();
      const metadata = { maxCount: 9, maxAge: 3600, truncateBefore: 0, cacheControl: 7, colour: 'red' };
      expect((await s.setMetadata(stream, metadata, 'none')).nextExpectedRevision).toBe(0n);
      expect(await refusal(s.setMetadata(stream, {}, 'none'))).toMatchObject({
        actual: 0,
        stream: `$$${stream}`,
      });
      expect((await s.client.getStreamMetadata(stream)).metadata).toEqual(metadata);
      expect((await s.setMetadata(stream, { colour: 'blue' }, 0)).nextExpectedRevision).toBe(1n);
      expect((await s.client.getStreamMetadata(stream)).metadata).toEqual({ colour: 'blue' });
      expect(await refusal(s.read(stream))).toMatchObject({ refused: 'stream-not-found' });
    });

    it('maxCount shows the newest only, in both directions, and moves on with the stream', async () => {
      const s = await session();
      const stream = s.stream('log');
      await s.append(stream, LABELS);
      await s.setMetadata(stream, { maxCount: 2 });
      expect(await s.read(stream)).toEqual(['3:d', '4:e']);
      expect(await s.read(stream, { fromRevision: 0n, maxCount: 1 })).toEqual(['3:d']);
      expect(await s.read(stream, { direction: BACKWARDS, fromRevision: END })).toEqual(['4:e', '3:d']);
      expect(await s.read(stream, { direction: BACKWARDS, fromRevision: 2n })).toEqual([]);
      expect(await s.append(stream, ['f'], 4)).toBe(5);
      expect(await s.read(stream)).toEqual(['4:e', '5:f']);
    });

    it('truncateBefore hides what is older, and also what comes later when it lies beyond the end', async () => {
      const s = await session();
      const stream = s.stream('log');
      await s.append(stream, LABELS);
      await s.setMetadata(stream, { truncateBefore: 3 });
      expect(await s.read(stream)).toEqual(['3:d', '4:e']);
      expect(await s.read(stream, { fromRevision: 1n })).toEqual(['3:d', '4:e']);
      await s.setMetadata(stream, { truncateBefore: 50 });
      expect(await refusal(s.append(stream, ['x'], 'none'))).toMatchObject({ actual: 4 });
      expect(await s.append(stream, ['f'], 4)).toBe(5);
      expect(await s.read(stream)).toEqual([]);
      expect((await s.readAll()).filter((event) => event.streamId === stream)).toHaveLength(6);
    });

    it('maxAge hides what has become too old', async () => {
      const s = await session();
      const stream = s.stream('log');
      await s.append(stream, ['old']);
      await s.setMetadata(stream, { maxAge: 1 });
      await vi.waitFor(async () => expect(await s.read(stream)).toEqual([]), {
        timeout: 10_000,
        interval: 50,
      });
      await s.append(stream, ['new'], 0);
      expect(await s.read(stream, { direction: BACKWARDS, fromRevision: END })).toEqual(['1:new']);
    });
  });

  describe('reading $all', () => {
    it('gives the events of all streams in the order of their appends, with strictly increasing positions', async () => {
      const s = await session();
      const [log, other] = [s.stream('log'), s.stream('other')];
      await s.append(log, ['a', 'b']);
      await s.append(other, ['c']);
      await s.append(log, ['d'], 1);
      await s.setMetadata(log, { maxCount: 1 });
      const events = await s.readAll();
      expect(events.map(describeEvent)).toEqual(['0:a', '1:b', '0:c', '2:d', '0:$metadata']);
      expect(
        events.every((event, i) => i === 0 || event.position.commit > (events[i - 1]?.position.commit ?? 0n)),
      ).toBe(true);
      expect((await s.readAll({ direction: BACKWARDS, fromPosition: END })).map(describeEvent)).toEqual(
        events.map(describeEvent).reverse(),
      );
    });

    it('begins with the event at a position forwards, and before it backwards', async () => {
      const s = await session();
      const stream = s.stream('log');
      const { position } = await s.appendFully(stream, ['a', 'b'], 'none');
      await s.append(stream, ['c']);
      const [, b] = await s.readAll();
      expect(b?.position).toEqual(position);
      expect((await s.readAll({ fromPosition: b?.position ?? START })).map(describeEvent)).toEqual([
        '1:b',
        '2:c',
      ]);
      const backwards = await s.readAll({ direction: BACKWARDS, fromPosition: b?.position ?? END });
      expect(backwards.map(describeEvent)).toEqual(['0:a']);
    });
  });
}
