import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readElements, rawDocument } from '../bson/reader.ts';
import type { EncodableDocument } from '../bson/writer.ts';
import { Cursors } from '../commands/cursors.ts';
import { Store } from '../storage/store.ts';
import { serialize } from '../testing/arbitrary.ts';
import { Dispatcher } from './dispatcher.ts';
import { OpCode, type Request } from './messages.ts';

function request(command: object): Request {
  const body = rawDocument(serialize({ ...command, $db: 'd' }));
  const elements = readElements(body.bytes, body.start);
  return { requestId: 1, opCode: OpCode.message, answered: true, body, elements, sequences: new Map() };
}

let lastId = 0;
const insert = (writeConcern?: object): Request =>
  request({ insert: 'c', documents: [{ _id: ++lastId }], ...(writeConcern && { writeConcern }) });

describe('an answer', () => {
  let directory: string;
  let store: Store;
  let dispatcher: Dispatcher;
  const faults: unknown[] = [];
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'dispatcher-'));
    store = new Store(directory);
    dispatcher = new Dispatcher({ store, cursors: new Cursors(), onPlan: undefined }, (_, error) =>
      faults.push(error),
    );
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  /** Lets the disk answer when it is told to. */
  function slowDisk(): { answer: () => void; fail: (error: Error) => void; begun: () => number } {
    const syncs: PromiseWithResolvers<void>[] = [];
    vi.spyOn(store, 'sync').mockImplementation(() => {
      const sync = Promise.withResolvers<void>();
      syncs.push(sync);
      return sync.promise;
    });
    return {
      answer: () => syncs.at(-1)!.resolve(),
      fail: (error) => syncs.at(-1)!.reject(error),
      begun: () => syncs.length,
    };
  }

  function watch(reply: Promise<EncodableDocument>): { reply: EncodableDocument | undefined } {
    const watched: { reply: EncodableDocument | undefined } = { reply: undefined };
    void reply.then((found) => (watched.reply = found));
    return watched;
  }

  it.each([[{ w: 'majority' }], [{ w: 1, j: true }]])(
    'to a write with concern %j waits for the disk, and no other does',
    async (concern) => {
      const disk = slowDisk();
      const durable = watch(dispatcher.execute(insert(concern), 1));
      expect(await dispatcher.execute(insert(), 2)).toEqual({ n: 1, ok: 1 });
      expect(await dispatcher.execute(request({ count: 'c' }), 3)).toEqual({ n: 2, ok: 1 });
      expect([disk.begun(), durable.reply]).toEqual([1, undefined]);
      disk.answer();
      await vi.waitFor(() => expect(durable.reply).toEqual({ n: 1, ok: 1 }));
    },
  );

  it('to what was committed after the disk was asked waits until it is asked again', async () => {
    const disk = slowDisk();
    const first = watch(dispatcher.execute(insert({ w: 'majority' }), 1));
    await vi.waitFor(() => expect(disk.begun()).toBe(1));
    const second = watch(dispatcher.execute(insert({ w: 'majority' }), 2));
    await dispatcher.execute(insert(), 3);
    disk.answer();
    await vi.waitFor(() => expect(first.reply).toEqual({ n: 1, ok: 1 }));
    await vi.waitFor(() => expect(disk.begun()).toBe(2));
    expect(second.reply).toBeUndefined();
    disk.answer();
    await vi.waitFor(() => expect(second.reply).toEqual({ n: 1, ok: 1 }));
  });

  it('says so when the disk fails', async () => {
    const disk = slowDisk();
    const durable = dispatcher.execute(insert({ w: 'majority' }), 1);
    await vi.waitFor(() => expect(disk.begun()).toBe(1));
    disk.fail(new Error('the disk is gone'));
    expect(await durable).toMatchObject({ ok: 0, codeName: 'InternalError' });
    expect(faults).toEqual([expect.objectContaining({ message: 'the disk is gone' })]);
  });

  it('to any other write is followed by the disk soon', async () => {
    const sync = vi.spyOn(store, 'sync');
    await dispatcher.execute(insert(), 1);
    await vi.waitFor(() => expect(sync).toHaveBeenCalledTimes(1));
  });
});
