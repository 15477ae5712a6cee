import { describe, expect, it } from 'vitest';

import { APPEND_PATHS, refusal, Session } from './session.ts';

/** Expected revisions, sizes and contents of appends. */
export function appendingContract(connect: () => Promise<string>): void {
  describe.each(APPEND_PATHS)('appending through %s', (path) => {
    const session = async (): Promise<Session> => new Session(await connect(), path);

    it('begins a stream at revision 0, whether it is expected to be missing or nothing is expected', async () => {
      const s = await session();
      const fresh = await s.appendFully(s.stream('parcel'), ['posted'], 'none');
      expect([fresh.success, fresh.nextExpectedRevision, typeof fresh.position?.commit]).toEqual([
        true,
        0n,
        'bigint',
      ]);
      expect(await s.append(s.stream('letter'), ['posted', 'sorted'], 'any')).toBe(1);
      expect(await s.read(s.stream('letter'))).toEqual(['0:posted', '1:sorted']);
    });

    it('refuses to append to a missing stream that is expected to exist or to have events', async () => {
      const s = await session();
      const stream = s.stream('parcel');
      expect(await refusal(s.append(stream, ['lost'], 'exists'))).toEqual({
        refused: 'wrong-expected-version',
        expected: 'stream_exists',
        actual: 'no_stream',
        stream,
      });
      expect(await refusal(s.append(stream, ['lost'], 3))).toMatchObject({
        expected: 3,
        actual: 'no_stream',
      });
      expect(await refusal(s.read(stream))).toEqual({ refused: 'stream-not-found', stream });
    });

    it('appends at the last revision only, and says which that is', async () => {
      const s = await session();
      const stream = s.stream('parcel');
      await s.append(stream, ['posted', 'sorted'], 'none');
      expect(await s.append(stream, ['loaded'], 1)).toBe(2);
      expect(await refusal(s.append(stream, ['x'], 'none'))).toMatchObject({
        expected: 'no_stream',
        actual: 2,
      });
      expect(await refusal(s.append(stream, ['x'], 1))).toMatchObject({ expected: 1, actual: 2 });
      expect(await refusal(s.append(stream, ['x'], 40))).toMatchObject({ expected: 40, actual: 2 });
      expect(await s.append(stream, ['delivered'], 'exists')).toBe(3);
      expect(await s.read(stream)).toEqual(['0:posted', '1:sorted', '2:loaded', '3:delivered']);
    });

    it('lets exactly one of many writers win a revision', async () => {
      const s = await session();
      const stream = s.stream('parcel');
      await s.append(stream, ['posted'], 'none');
      const tries = await Promise.allSettled(
        Array.from({ length: 12 }, (_, i) => s.append(stream, [`van ${i}`], 0)),
      );
      expect(tries.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
      expect(await s.read(stream)).toHaveLength(2);
    });

    it('accepts an append of nothing where it would accept one of something, and creates no stream by it', async () => {
      const s = await session();
      const stream = s.stream('parcel');
      expect(await s.append(stream, [], 'none')).toBe(0);
      expect(await refusal(s.read(stream))).toMatchObject({ refused: 'stream-not-found' });
      await s.append(stream, ['posted', 'sorted']);
      expect(await s.append(stream, [], 'any')).toBe(1);
      expect(await s.append(stream, [], 1)).toBe(1);
      expect(await refusal(s.append(stream, [], 'none'))).toMatchObject({ expected: 'no_stream', actual: 1 });
    });

    it('keeps JSON, bytes and metadata as they were given', async () => {
      const s = await session();
      const stream = s.stream('parcel');
      const data = { weightKg: 1.25, to: 'Zürich 東京 🚚', parts: [null, false, { deep: [] }] };
      await s.client.appendToStream(
        stream,
        { ...s.event('weighed', 'ParcelWeighed', data), metadata: { by: 'scale 4' } },
        s.credentials,
      );
      await s.appendBytes(stream, 300);
      const events = [];
      for await (const { event } of s.client.readStream(stream)) events.push(event);
      expect(events[0]).toMatchObject({
        id: s.id('weighed'),
        type: 'ParcelWeighed',
        isJson: true,
        data,
        metadata: { by: 'scale 4' },
      });
      expect(Math.abs(Date.now() - (events[0]?.created.getTime() ?? 0))).toBeLessThan(60_000);
      expect(events[1]).toMatchObject({
        type: 'PictureTaken',
        isJson: false,
        data: new Uint8Array(300).fill(1),
      });
    });

    it('refuses more than 1 MiB in one append, in one event or in several, and keeps nothing of it', async () => {
      const s = await session();
      const tooLarge = { refused: 'maximum-append-size-exceeded', maxAppendSize: 1_048_576 };
      expect(await refusal(s.appendBytes(s.stream('a'), 1_050_000))).toEqual(tooLarge);
      expect(await refusal(s.appendBytes(s.stream('a'), 500_000, 500_000, 500_000))).toEqual(tooLarge);
      expect(await refusal(s.read(s.stream('a')))).toMatchObject({ refused: 'stream-not-found' });
      expect((await s.appendBytes(s.stream('a'), 1_000_000)).success).toBe(true);
    });

    it('takes any type and any name of a stream but the empty one', async () => {
      const s = await session();
      const stream = s.stream('post office/Bräunlingen %2F?#');
      await s.append(stream, ['opened'], 'none', '$opened');
      expect(await s.read(stream)).toEqual(['0:opened']);
      expect(await refusal(s.append('', ['opened']))).toMatchObject({ refused: 'unknown' });
    });
  });
}
