import { randomUUID } from 'node:crypto';

import { LogCallError } from '../errors.ts';
import type { LogReader } from '../store/log-reader.ts';
import type { LogStore } from '../store/log-store.ts';
import { TOMBSTONE_REVISION } from '../store/records.ts';
import type { ReadPlan } from '../wire/read-plan.ts';
import { CAUGHT_UP, checkpoint, confirmation, FELL_BEHIND } from '../wire/read-responses.ts';
import { resolveLink } from './links.ts';
import type { Outgoing } from './outgoing.ts';

type Target<Kind> = Extract<ReadPlan['target'], { kind: Kind }>;

const PAGE_EVENTS = 256;
/** A subscriber that was up to date and has so many events before him again has fallen behind. */
const LIVE_BACKLOG = 2048;

/** Tells the subscriber when he has reached the end of what there is, and when he has lost it. */
class Progress {
  #caughtUp = false;

  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  backlog(events: number, out: Outgoing): void {
    if (!this.#caughtUp || events <= LIVE_BACKLOG) return;
    this.#caughtUp = false;
    out.message(FELL_BEHIND);
  }

  /** @returns whether this is news. */
  reachedEnd(out: Outgoing): void {
    if (this.#caughtUp) return;
    this.#caughtUp = true;
    out.message(CAUGHT_UP);
  }
}

/** Waits for a commit that the reader has not seen. */
function nextCommit(store: LogStore, seen: number, out: Outgoing): Promise<void> {
  if (store.reader.lastPosition > seen) return Promise.resolve();
  return out.waitFor((wake) => store.onCommitted(wake));
}

/** Runs until the client goes away or the stream gets its tombstone. A stream that is not there yet is waited for. */
export async function subscribeToStream(
  store: LogStore,
  plan: ReadPlan,
  target: Target<'subscribe-stream'>,
  out: Outgoing,
): Promise<void> {
  const { reader } = store;
  const { stream } = target;
  const deleted = new LogCallError({ code: 'stream-deleted', stream });
  if (reader.stateOf(stream) === 'tombstoned') throw deleted;
  out.message(confirmation(randomUUID()));
  const progress = new Progress();
  let next = (target.after ?? reader.lastRevisionOf(stream)) + 1;
  while (!out.over) {
    const seen = reader.lastPosition;
    const state = reader.stateOf(stream);
    if (state === 'tombstoned' && !progress.caughtUp) throw deleted;
    let atEnd = true;
    if (state === 'readable' || state === 'tombstoned') {
      progress.backlog(reader.lastRevisionOf(stream) - next, out);
      const page = reader.streamForwards(stream, next, PAGE_EVENTS);
      for (const event of page.events)
        out.event(resolveLink(event, plan.resolveLinks, reader), plan.uuidForm);
      next = (page.events.at(-1)?.revision ?? next - 1) + 1;
      atEnd = page.atEnd;
      if (atEnd && state === 'readable') progress.reachedEnd(out);
    }
    if (atEnd && state === 'tombstoned') {
      sendTombstone(reader, plan, stream, out);
      throw deleted;
    }
    if (atEnd) out.send();
    await (atEnd ? nextCommit(store, seen, out) : out.ready());
    await out.ready();
  }
}

function sendTombstone(reader: LogReader, plan: ReadPlan, stream: string, out: Outgoing): void {
  const event = reader.tombstoneOf(stream, TOMBSTONE_REVISION);
  if (event !== undefined) out.event({ event, link: undefined }, plan.uuidForm);
}

/** Runs until the client goes away. */
export async function subscribeToAll(
  store: LogStore,
  plan: ReadPlan,
  target: Target<'subscribe-all'>,
  out: Outgoing,
): Promise<void> {
  const { reader } = store;
  const { filtered } = target;
  out.message(confirmation(randomUUID()));
  const progress = new Progress();
  let after = target.after ?? reader.lastPosition;
  let lookedAt = 0;
  let told = after;
  while (!out.over) {
    progress.backlog(reader.lastPosition - after, out);
    const window = filtered && filtered.checkpointInterval - lookedAt;
    const page = reader.allForwards(after, { limit: PAGE_EVENTS, filter: filtered?.filter, window });
    for (const event of page.events) {
      out.event(resolveLink(event, plan.resolveLinks, reader), plan.uuidForm);
      told = event.position;
    }
    after = page.searchedTo;
    if (filtered !== undefined) {
      lookedAt += page.searched;
      const catchesUp = page.atEnd && !progress.caughtUp && after > told;
      if (lookedAt >= filtered.checkpointInterval || catchesUp) {
        lookedAt %= filtered.checkpointInterval;
        told = after;
        out.message(checkpoint(after));
      }
    }
    if (page.atEnd) {
      progress.reachedEnd(out);
      out.send();
      await nextCommit(store, after, out);
    }
    await out.ready();
  }
}
