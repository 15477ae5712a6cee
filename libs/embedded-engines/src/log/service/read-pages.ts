import { LogCallError } from '../errors.ts';
import type { LogReader } from '../store/log-reader.ts';
import type { StoredEvent } from '../store/records.ts';
import type { ReadPlan } from '../wire/read-plan.ts';
import { streamNotFound } from '../wire/read-responses.ts';
import { resolveLink } from './links.ts';
import type { Outgoing } from './outgoing.ts';

interface Page {
  readonly events: readonly StoredEvent[];
  readonly atEnd: boolean;
}

type Target<Kind> = Extract<ReadPlan['target'], { kind: Kind }>;

/** A read with an end, of a stream. */
export async function readStream(
  reader: LogReader,
  plan: ReadPlan,
  target: Target<'stream-forwards' | 'stream-backwards'>,
  out: Outgoing,
): Promise<void> {
  const { stream } = target;
  switch (reader.stateOf(stream)) {
    case 'tombstoned':
      throw new LogCallError({ code: 'stream-deleted', stream });
    case 'missing':
    case 'deleted':
      out.message(streamNotFound(stream));
      return;
    case 'readable':
      break;
  }
  let from = target.from;
  await sendPages(reader, plan, target.limit, out, (limit) => {
    if (target.kind === 'stream-forwards') {
      const page = reader.streamForwards(stream, from, limit);
      from = (page.events.at(-1)?.revision ?? from) + 1;
      return page;
    }
    const page = reader.streamBackwards(stream, from, limit);
    from = (page.events.at(-1)?.revision ?? from) - 1;
    return page;
  });
}

/** A read with an end, of $all. */
export async function readAll(
  reader: LogReader,
  plan: ReadPlan,
  target: Target<'all-forwards' | 'all-backwards'>,
  out: Outgoing,
): Promise<void> {
  const { filter } = target;
  // What is appended meanwhile does not prolong the read.
  const last = reader.lastPosition;
  let at = target.kind === 'all-forwards' ? (target.after ?? last) : target.before;
  await sendPages(reader, plan, target.limit, out, (limit) => {
    if (target.kind === 'all-backwards') {
      const page = reader.allBackwards(at, { limit, filter });
      at = page.searchedTo;
      return page;
    }
    if (at >= last) return { events: [], atEnd: true };
    const page = reader.allForwards(at, { limit, filter, window: last - at });
    at = page.searchedTo;
    return { events: page.events, atEnd: at >= last };
  });
}

async function sendPages(
  reader: LogReader,
  plan: ReadPlan,
  limit: number,
  out: Outgoing,
  next: (limit: number) => Page,
): Promise<void> {
  for (let rest = limit; rest > 0 && !out.over;) {
    const { events, atEnd } = next(rest);
    for (const event of events) out.event(resolveLink(event, plan.resolveLinks, reader), plan.uuidForm);
    if (atEnd) return;
    rest -= events.length;
    await out.ready();
  }
}
