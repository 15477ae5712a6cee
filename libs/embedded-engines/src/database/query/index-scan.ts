import type { ScannedDocument } from '../storage/collection.ts';
import type { Place } from '../storage/key-pages.ts';
import type { IndexPlan, Stream } from './planner.ts';
import { pause, type Scan } from './scan.ts';

const greatestChunk = 1024;

/** The documents in a plan's ranges in the plan's order, `skip` keys later; the first `chunk` are read at once. */
export function readIndex(plan: IndexPlan, skip: number, chunk: number): Scan<ScannedDocument> {
  const [first, ...others] = plan.streams;
  if (others.length === 0) return first === undefined ? none() : readStream(plan, first, skip, chunk);
  return skipping(merged(plan, chunk), skip);
}

function* none(): Scan<never> {
  return;
}

function* skipping(scan: Scan<ScannedDocument>, skip: number): Scan<ScannedDocument> {
  let left = skip;
  for (const found of scan) {
    if (found === pause || left === 0) yield found;
    else left -= 1;
  }
}

function* readStream(
  plan: IndexPlan,
  stream: Stream,
  skip: number,
  chunk: number,
  keyed = false,
): Scan<ScannedDocument> {
  const { index, backwards } = plan;
  let left = skip;
  let count = chunk;
  for (const range of stream.ranges) {
    if (left > 0 && stream.ranges.length > 1) {
      const keys = index.counted(range) ?? index.countUpTo(range, left + 1);
      if (keys <= left) {
        left -= keys;
        continue;
      }
    }
    let after: Place | undefined;
    do {
      const read = index.read({ range, backwards, after, skip: left, count, keyed });
      left = 0;
      yield* read.documents;
      after = read.after;
      count = Math.min(count * 2, greatestChunk);
      if (after !== undefined) yield pause;
    } while (after !== undefined);
  }
}

/** Takes from several streams always the document whose key is next behind the streams' own beginnings. */
function* merged(plan: IndexPlan, chunk: number): Scan<ScannedDocument> {
  const size = Math.max(8, Math.ceil(chunk / plan.streams.length));
  const open = plan.streams.map((stream) => ({
    scan: readStream(plan, stream, 0, size, true),
    stream,
    head: undefined as ScannedDocument | undefined,
  }));
  const advance = (one: (typeof open)[number]) => {
    let result = one.scan.next();
    while (!result.done && result.value === pause) result = one.scan.next();
    one.head = result.done ? undefined : (result.value as ScannedDocument);
  };
  open.forEach(advance);
  const sign = plan.backwards ? -1 : 1;
  for (let given = 0; ; given += 1) {
    let next: (typeof open)[number] | undefined;
    for (const one of open)
      if (one.head && (next?.head === undefined || sign * compareTails(one, next) < 0)) next = one;
    if (next?.head === undefined) return;
    yield next.head;
    if (given % greatestChunk === greatestChunk - 1) yield pause;
    advance(next);
  }
}

function compareTails(
  a: { head: ScannedDocument | undefined; stream: Stream },
  b: { head: ScannedDocument | undefined; stream: Stream },
): number {
  return a.head!.key!.subarray(a.stream.prefixLength).compare(b.head!.key!.subarray(b.stream.prefixLength));
}
