import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  type Filter,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { describe, expect, it, onTestFinished } from 'vitest';

import { type Heard, listen } from './listener.ts';
import { Session } from './session.ts';

/** Subscriptions to streams and to $all. */
export function subscribingContract(connect: () => Promise<string>): void {
  const session = async (): Promise<Session> => new Session(await connect());

  const toStream = (
    s: Session,
    stream: string,
    options: Parameters<Session['client']['subscribeToStream']>[1] = {},
  ): Heard => {
    const heard = listen(s.client.subscribeToStream(stream, options));
    onTestFinished(heard.stop);
    return heard;
  };
  const toAll = (s: Session, options: Parameters<Session['client']['subscribeToAll']>[0] = {}): Heard => {
    const heard = listen(s.client.subscribeToAll(options), (event) => s.owns(event));
    onTestFinished(heard.stop);
    return heard;
  };

  describe('subscribing to a stream', () => {
    it('gives what is there, says that it has caught up, and goes on with what comes', async () => {
      const s = await session();
      const stream = s.stream('belt');
      await s.append(stream, ['a', 'b']);
      const heard = toStream(s, stream);
      await heard.until(['0:a', '1:b', 'caught up']);
      await s.append(stream, ['c']);
      await heard.until(['0:a', '1:b', 'caught up', '2:c']);
    });

    it('begins after a revision, or after the end', async () => {
      const s = await session();
      const stream = s.stream('belt');
      await s.append(stream, ['a', 'b', 'c']);
      const afterFirst = toStream(s, stream, { fromRevision: 0n });
      const afterEnd = toStream(s, stream, { fromRevision: END });
      await afterFirst.until(['1:b', '2:c', 'caught up']);
      await afterEnd.until(['caught up']);
      await s.append(stream, ['d']);
      await afterFirst.until(['1:b', '2:c', 'caught up', '3:d']);
      await afterEnd.until(['caught up', '3:d']);
    });

    it('leaves out what lies before a revision that is not there yet', async () => {
      const s = await session();
      const stream = s.stream('belt');
      await s.append(stream, ['a']);
      const heard = toStream(s, stream, { fromRevision: 2n });
      await heard.until(['caught up']);
      await s.append(stream, ['b', 'c', 'd']);
      await heard.until(['caught up', '3:d']);
    });

    it('waits for a stream that is missing or deleted, and has caught up after its first event', async () => {
      const s = await session();
      const [missing, deleted] = [s.stream('missing'), s.stream('deleted')];
      await s.append(deleted, ['a']);
      await s.client.deleteStream(deleted);
      const [ofMissing, ofDeleted] = [toStream(s, missing), toStream(s, deleted)];
      await Promise.all([ofMissing.confirmed, ofDeleted.confirmed]);
      await s.append(missing, ['x']);
      await s.append(deleted, ['y']);
      await ofMissing.until(['0:x', 'caught up']);
      await ofDeleted.until(['1:y', 'caught up']);
    });

    it('outlives a deletion, and ends with the tombstone', async () => {
      const s = await session();
      const stream = s.stream('belt');
      await s.append(stream, ['a']);
      const heard = toStream(s, stream);
      await heard.until(['0:a', 'caught up']);
      await s.client.deleteStream(stream);
      await s.append(stream, ['b']);
      await heard.until(['0:a', 'caught up', '1:b']);
      await s.client.tombstoneStream(stream);
      await heard.until(['0:a', 'caught up', '1:b', '9223372036854775807:$streamDeleted', 'stream-deleted']);
      await toStream(s, stream).until(['stream-deleted']);
    });

    it('shows what may be seen of a truncated stream', async () => {
      const s = await session();
      const stream = s.stream('belt');
      await s.append(stream, ['a', 'b', 'c']);
      await s.setMetadata(stream, { truncateBefore: 2 });
      await toStream(s, stream).until(['2:c', 'caught up']);
    });

    it('follows links when asked to', async () => {
      const s = await session();
      const [belt, links] = [s.stream('belt'), s.stream('links')];
      await s.append(belt, ['a', 'b']);
      await s.link(links, [1, belt], [0, s.stream('nothing')]);
      await toStream(s, links, { resolveLinkTos: true }).until(['1:b by 0', 'nothing by 1', 'caught up']);
    });
  });

  describe('subscribing to $all', () => {
    it('carries system events when it has no filter', async () => {
      const s = await session();
      const stream = s.stream('belt');
      const { position } = await s.appendFully(stream, ['a']);
      await s.setMetadata(stream, { maxCount: 5 });
      const heard = toAll(s, { fromPosition: position ?? START });
      await heard.until(['0:$metadata', 'caught up']);
      await s.client.deleteStream(stream);
      await heard.until(['0:$metadata', 'caught up', '1:$metadata']);
    });

    it('begins after a position, or after the end', async () => {
      const s = await session();
      const stream = s.stream('belt');
      const filter = streamNameFilter({ prefixes: ['belt-'] });
      await s.append(stream, ['a', 'b', 'c']);
      const [, b] = await s.readAll();
      const afterB = toAll(s, { fromPosition: b?.position ?? START, filter });
      const afterEnd = toAll(s, { fromPosition: END, filter });
      await afterB.until(['2:c', 'caught up']);
      await afterEnd.until(['caught up']);
      await s.append(stream, ['d']);
      await afterB.until(['2:c', 'caught up', '3:d']);
      await afterEnd.until(['caught up', '3:d']);
    });

    it('filters by prefixes and by patterns, of names and of types', async () => {
      const s = await session();
      const { position } = await s.appendFully(s.stream('start'), ['start']);
      await s.append(s.stream('van-1'), ['a'], 'none', 'Loaded');
      await s.append(s.stream('van-2'), ['b'], 'none', 'Driven');
      await s.append(s.stream('bike-1'), ['c'], 'none', 'Loaded');
      const fromPosition = position ?? START;
      const filtered = (filter: Filter): Heard => toAll(s, { fromPosition, filter });
      await filtered(streamNameFilter({ prefixes: ['van-2', 'bike'] })).until(['0:b', '0:c', 'caught up']);
      await filtered(streamNameFilter({ regex: '^[a-z]+-1-' })).until(['0:a', '0:c', 'caught up']);
      await filtered(eventTypeFilter({ prefixes: ['Dri', 'Never'] })).until(['0:b', 'caught up']);
      await filtered(eventTypeFilter({ regex: '^L.*ed$' })).until(['0:a', '0:c', 'caught up']);
      await filtered(excludeSystemEvents()).until(['0:a', '0:b', '0:c', 'caught up']);
    });

    it('filters what comes as it filtered what was there', async () => {
      const s = await session();
      const filter = streamNameFilter({ prefixes: [s.stream('van')] });
      const heard = toAll(s, { fromPosition: END, filter });
      await heard.until(['caught up']);
      await s.append(s.stream('bike'), ['a']);
      await s.append(s.stream('van'), ['b']);
      await heard.until(['caught up', '0:b']);
    });

    it('reports checkpoints past what the filter leaves out, before and after it has caught up', async () => {
      const s = await session();
      const { position } = await s.appendFully(s.stream('start'), ['start']);
      const noise = (name: string): Promise<number> =>
        s.append(
          s.stream('noise'),
          Array.from({ length: 100 }, (_, i) => `${name} ${i}`),
        );
      await noise('first');
      const checkpoints: bigint[] = [];
      const filter = streamNameFilter({
        prefixes: [s.stream('van')],
        maxSearchWindow: 10,
        checkpointInterval: 2,
        checkpointReached: (_, reached) => void checkpoints.push(reached.commit),
      });
      const heard = toAll(s, { fromPosition: position ?? START, filter });
      await heard.until(['caught up']);
      const before = checkpoints.length;
      expect(before).toBeGreaterThanOrEqual(4);
      await noise('second');
      await s.append(s.stream('van'), ['a']);
      await heard.until(['caught up', '0:a']);
      expect(checkpoints.length - before).toBeGreaterThanOrEqual(4);
      expect(checkpoints.every((reached, i) => reached >= (checkpoints[i - 1] ?? 0n))).toBe(true);
    });
  });
}
