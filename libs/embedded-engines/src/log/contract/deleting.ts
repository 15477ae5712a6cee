import { BACKWARDS, END } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';

import { APPEND_PATHS, describeEvent, refusal, Session } from './session.ts';

/** Deletions for now and for ever. */
export function deletingContract(connect: () => Promise<string>): void {
  describe.each(APPEND_PATHS)('deleting, with appends through %s', (path) => {
    const session = async (): Promise<Session> => new Session(await connect(), path);

    it('refuses to delete a stream without events, or at a wrong revision', async () => {
      const s = await session();
      const stream = s.stream('note');
      expect(await refusal(s.client.deleteStream(stream))).toEqual({
        refused: 'wrong-expected-version',
        expected: -2,
        actual: -1,
        stream,
      });
      expect(await refusal(s.client.deleteStream(stream, { expectedRevision: 'no_stream' }))).toMatchObject({
        expected: -1,
        actual: -1,
      });
      await s.append(stream, ['a', 'b', 'c']);
      expect(await refusal(s.client.deleteStream(stream, { expectedRevision: 1n }))).toMatchObject({
        expected: 1,
        actual: 2,
      });
      expect(await refusal(s.client.deleteStream(stream, { expectedRevision: 'no_stream' }))).toMatchObject({
        expected: -1,
        actual: 2,
      });
      expect(await s.read(stream)).toHaveLength(3);
    });

    it('hides a deleted stream, keeps its events in $all, and may be told so twice', async () => {
      const s = await session();
      const stream = s.stream('note');
      await s.append(stream, ['a', 'b']);
      expect((await s.client.deleteStream(stream, { expectedRevision: 1n })).position).toBeDefined();
      expect(await refusal(s.read(stream))).toEqual({ refused: 'stream-not-found', stream });
      expect(await refusal(s.read(stream, { direction: BACKWARDS, fromRevision: END }))).toMatchObject({
        refused: 'stream-not-found',
      });
      expect((await s.client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 2 ** 63 });
      await s.client.deleteStream(stream);
      expect((await s.readAll()).map(describeEvent)).toEqual(['0:a', '1:b', '0:$metadata', '1:$metadata']);
    });

    it.each(['none', 'any', 1] as const)(
      'brings a deleted stream back by an append that expects %s, and counts on',
      async (expected) => {
        const s = await session();
        const stream = s.stream('note');
        await s.append(stream, ['a', 'b']);
        await s.client.deleteStream(stream);
        expect(await s.append(stream, ['c'], expected)).toBe(2);
        expect(await s.append(stream, ['d'], 2)).toBe(3);
        expect(await s.read(stream)).toEqual(['2:c', '3:d']);
        expect((await s.client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 2 });
      },
    );

    it('does not bring it back by an append to a stream that exists, nor by a retry of what was deleted', async () => {
      const s = await session();
      const stream = s.stream('note');
      await s.append(stream, ['a', 'b'], 'none');
      await s.client.deleteStream(stream);
      expect(await refusal(s.append(stream, ['c'], 'exists'))).toEqual({ refused: 'stream-deleted', stream });
      const retry = await s.appendFully(stream, ['a', 'b'], 'none');
      expect([retry.success, retry.nextExpectedRevision, retry.position]).toEqual([true, 1n, undefined]);
      expect(await refusal(s.read(stream))).toMatchObject({ refused: 'stream-not-found' });
    });

    it('ends a stream and its metadata for ever with a tombstone, which is the last of its events', async () => {
      const s = await session();
      const stream = s.stream('note');
      await s.append(stream, ['a'], 'none');
      expect(await refusal(s.client.tombstoneStream(stream, { expectedRevision: 5n }))).toMatchObject({
        expected: 5,
        actual: 0,
      });
      expect((await s.client.tombstoneStream(stream, { expectedRevision: 0n })).position).toBeDefined();
      const gone = { refused: 'stream-deleted', stream };
      expect(await refusal(s.read(stream))).toEqual(gone);
      for (const expected of ['any', 'none', 'exists', 0] as const)
        expect(await refusal(s.append(stream, ['b'], expected))).toEqual(gone);
      expect(await refusal(s.client.deleteStream(stream))).toEqual(gone);
      expect(await refusal(s.client.tombstoneStream(stream))).toEqual(gone);
      expect(await refusal(s.client.getStreamMetadata(stream))).toEqual({
        refused: 'stream-deleted',
        stream: `$$${stream}`,
      });
      expect(await refusal(s.setMetadata(stream, { a: 1 }))).toEqual({
        refused: 'stream-deleted',
        stream: `$$${stream}`,
      });
      expect((await s.readAll()).map(describeEvent)).toEqual(['0:a', '9223372036854775807:$streamDeleted']);
    });

    it('can end a stream that never was, or that was deleted before', async () => {
      const s = await session();
      const [never, deleted] = [s.stream('never'), s.stream('deleted')];
      await s.client.tombstoneStream(never, { expectedRevision: 'no_stream' });
      expect(await refusal(s.append(never, ['a'], 'none'))).toMatchObject({ refused: 'stream-deleted' });
      await s.append(deleted, ['a']);
      await s.client.deleteStream(deleted);
      await s.client.tombstoneStream(deleted);
      expect(await refusal(s.read(deleted))).toMatchObject({ refused: 'stream-deleted' });
    });
  });
}
