import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RawValue } from '../bson/types.ts';
import type { EncodableDocument } from '../bson/writer.ts';
import { sliceOf } from '../bson/reader.ts';
import { DatabaseError } from '../errors.ts';
import { pause, type Scan } from '../query/scan.ts';
import type { Collection } from '../storage/collection.ts';
import { maxReplyBatchBytes } from '../wire/limits.ts';

export const defaultBatchSize = 101;
const sliceMs = 15;
const idleMs = 600_000;
const maxCursors = 10_000;

/** What is left of an answer that did not fit into one batch. */
export interface Cursor {
  readonly namespace: string;
  readonly documents: Scan<RawValue>;
  /** Looked at when the cursor goes on: it ends with the collection. */
  readonly collection: Collection | undefined;
  held: RawValue | undefined;
  /** How many more documents the limit allows. */
  remaining: number;
  usedAt: number;
  busy: boolean;
}

/** `limit` 0 is none; a cursor ends when as many documents were given. */
export interface FirstBatch {
  readonly batchSize?: number | undefined;
  readonly singleBatch?: boolean;
  readonly limit?: number;
}

export class Cursors {
  readonly #open = new Map<bigint, Cursor>();

  /** The first answer: `{cursor: {firstBatch, id, ns}, ok: 1}`. */
  async first(
    namespace: string,
    collection: Collection | undefined,
    documents: Scan<RawValue>,
    { batchSize = defaultBatchSize, singleBatch = false, limit = 0 }: FirstBatch = {},
  ): Promise<EncodableDocument> {
    const cursor: Cursor = {
      namespace,
      documents,
      collection,
      held: undefined,
      remaining: limit || Infinity,
      usedAt: Date.now(),
      busy: false,
    };
    const { batch, done } = await fill(cursor, batchSize);
    if (done || singleBatch) documents.return();
    const id = done || singleBatch ? 0n : this.#keep(cursor);
    return { cursor: { firstBatch: batch, id, ns: namespace }, ok: 1 };
  }

  async next(id: bigint, namespace: string, batchSize: number | undefined): Promise<EncodableDocument> {
    const cursor = this.#open.get(id);
    if (cursor === undefined) throw new DatabaseError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.namespace !== namespace)
      throw new DatabaseError(
        'Unauthorized',
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    if (cursor.busy) throw new DatabaseError('CursorInUse', `cursor id ${id} is already in use`);
    if (cursor.collection?.dropped) {
      this.#open.delete(id);
      throw new DatabaseError('QueryPlanKilled', `collection ${namespace} was dropped or renamed`);
    }
    cursor.busy = true;
    try {
      const { batch, done } = await fill(
        cursor,
        batchSize === undefined || batchSize === 0 ? Infinity : batchSize,
      );
      cursor.usedAt = Date.now();
      if (done) {
        this.#open.delete(id);
        cursor.documents.return();
      }
      return { cursor: { nextBatch: batch, id: done ? 0n : id, ns: namespace }, ok: 1 };
    } catch (error) {
      this.#open.delete(id);
      throw error;
    } finally {
      cursor.busy = false;
    }
  }

  /** Says whether there was such a cursor. */
  kill(id: bigint): boolean {
    const cursor = this.#open.get(id);
    if (cursor && !cursor.busy) cursor.documents.return();
    return this.#open.delete(id);
  }

  /** Ends cursors that nobody asked for during ten minutes. */
  endIdle(now = Date.now()): void {
    for (const [id, cursor] of this.#open) if (!cursor.busy && now - cursor.usedAt > idleMs) this.kill(id);
  }

  #keep(cursor: Cursor): bigint {
    if (this.#open.size >= maxCursors) this.endIdle();
    if (this.#open.size >= maxCursors)
      throw new DatabaseError('InternalError', `more than ${maxCursors} cursors are open`);
    let id: bigint;
    do id = randomBytes(8).readBigUInt64BE() >> 1n;
    while (id === 0n || this.#open.has(id));
    this.#open.set(id, cursor);
    return id;
  }
}

/** Takes documents up to the size of a batch in number and bytes. Long scans let other work in between. */
async function fill(cursor: Cursor, batchSize: number): Promise<{ batch: Buffer[]; done: boolean }> {
  const batch: Buffer[] = [];
  let bytes = 0;
  let sliceEnd = performance.now() + sliceMs;
  while (batch.length < batchSize) {
    const document = cursor.held ?? next(cursor.documents);
    cursor.held = undefined;
    if (document === undefined) return { batch, done: true };
    if (document === pause) {
      if (performance.now() < sliceEnd) continue;
      await nextTurn();
      if (cursor.collection?.dropped)
        throw new DatabaseError('QueryPlanKilled', `collection ${cursor.namespace} was dropped or renamed`);
      sliceEnd = performance.now() + sliceMs;
      continue;
    }
    const slice = sliceOf(document);
    if (batch.length > 0 && bytes + slice.length > maxReplyBatchBytes) {
      cursor.held = document;
      return { batch, done: false };
    }
    batch.push(slice);
    bytes += slice.length;
    cursor.remaining -= 1;
    if (cursor.remaining === 0) return { batch, done: true };
  }
  return { batch, done: false };
}

function next(documents: Scan<RawValue>): RawValue | typeof pause | undefined {
  const result = documents.next();
  return result.done ? undefined : result.value;
}

/** Runs a scan to its end outside of a cursor, letting other work in between. */
export async function forEachUnhurried<T>(scan: Scan<T>, visit: (item: T) => void): Promise<void> {
  let sliceEnd = performance.now() + sliceMs;
  for (const item of scan) {
    if (item !== pause) visit(item);
    else if (performance.now() >= sliceEnd) {
      await nextTurn();
      sliceEnd = performance.now() + sliceMs;
    }
  }
}
