import { describe, expect, it } from 'vitest';

import { APPEND_PATHS, type Expected, refusal, Session } from './session.ts';

/** Appends that come again are recognised by the ids of their events. */
export function retryingContract(connect: () => Promise<string>): void {
  describe.each(APPEND_PATHS)('retrying through %s', (path) => {
    const session = async (): Promise<Session> => new Session(await connect(), path);

    it.each<[Expected, string[]]>([
      ['none', []],
      ['any', []],
      ['exists', ['earlier']],
      [0, ['earlier']],
    ])(
      'answers a retry that expects %s like the first time and writes nothing',
      async (expected, earlier) => {
        const s = await session();
        const stream = s.stream('order');
        if (earlier.length > 0) await s.append(stream, earlier);
        const first = await s.appendFully(stream, ['placed', 'paid'], expected);
        await s.append(stream, ['shipped']);
        const again = await s.appendFully(stream, ['placed', 'paid'], expected);
        expect(again).toEqual(first);
        expect((await s.read(stream)).map((event) => event.split(':')[1])).toEqual([
          ...earlier,
          'placed',
          'paid',
          'shipped',
        ]);
      },
    );

    it('recognises a part of what was appended, wherever it lies, and answers with the revision of its last event', async () => {
      const s = await session();
      const stream = s.stream('order');
      await s.append(stream, ['placed', 'paid', 'packed', 'shipped'], 'none');
      expect(await s.append(stream, ['placed', 'paid'], 'none')).toBe(1);
      expect(await s.append(stream, ['packed'], 1)).toBe(2);
      expect(await s.append(stream, ['paid', 'packed'], 'any')).toBe(2);
      expect(await s.append(stream, ['shipped', 'placed'], 'any')).toBe(0);
      expect(await s.read(stream)).toHaveLength(4);
    });

    it('refuses a retry that has more events than before', async () => {
      const s = await session();
      const stream = s.stream('order');
      await s.append(stream, ['placed', 'paid'], 'none');
      expect(await refusal(s.append(stream, ['placed', 'paid', 'packed'], 'none'))).toMatchObject({
        expected: 'no_stream',
        actual: 1,
      });
      expect(await refusal(s.append(stream, ['paid', 'packed'], 'any'))).toMatchObject({
        expected: 'any',
        actual: 1,
      });
      expect(await refusal(s.append(stream, ['packed', 'paid'], 'none'))).toMatchObject({
        expected: 'no_stream',
        actual: 1,
      });
      expect(await s.read(stream)).toEqual(['0:placed', '1:paid']);
    });

    it('takes an append whose first event is new for a new one, also when the others are known', async () => {
      const s = await session();
      const stream = s.stream('order');
      await s.append(stream, ['placed']);
      expect(await s.append(stream, ['packed', 'placed'], 'any')).toBe(2);
      expect(await s.read(stream)).toEqual(['0:placed', '1:packed', '2:placed']);
    });

    it('writes an id again at a later revision, in another stream and twice in one append', async () => {
      const s = await session();
      const stream = s.stream('order');
      await s.append(stream, ['placed', 'placed'], 'none');
      expect(await s.append(stream, ['placed'], 1)).toBe(2);
      expect(await s.append(s.stream('other order'), ['placed'], 'none')).toBe(0);
      expect(await s.read(stream)).toHaveLength(3);
    });

    it('goes by ids alone: other data under a known id are dropped', async () => {
      const s = await session();
      const stream = s.stream('order');
      await s.append(stream, ['placed'], 'none');
      await s.client.appendToStream(stream, s.event('placed', 'ParcelMoved', { label: 'changed' }), {
        expectedRevision: 'no_stream',
        ...s.credentials,
      });
      expect(await s.read(stream)).toEqual(['0:placed']);
    });
  });
}
