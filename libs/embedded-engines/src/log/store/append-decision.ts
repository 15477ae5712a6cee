/** What the writer of an append says about the stream's last event. */
export type ExpectedRevision =
  | { readonly kind: 'any' }
  | { readonly kind: 'no-stream' }
  | { readonly kind: 'stream-exists' }
  | { readonly kind: 'revision'; readonly revision: bigint };

/** What the decision needs to know of a stream that has no tombstone. */
export interface StreamView {
  /** -1 when the stream has no event. Revisions of a softly deleted stream go on counting. */
  readonly lastRevision: number;
  readonly softDeleted: boolean;
  /** Whether metadata was ever set: such a stream exists, even without an event. */
  readonly hasMetadata: boolean;
  idAt(revision: number): string | undefined;
  /** The latest revision at which the stream holds an event of this id. */
  latestRevisionOf(eventId: string): number | undefined;
}

export type AppendDecision =
  | { readonly kind: 'write'; readonly undelete: boolean }
  /** All of it is there already: answered like the first time. */
  | { readonly kind: 'repeat'; readonly lastRevision: number }
  | { readonly kind: 'wrong-expected-revision' }
  | { readonly kind: 'stream-deleted' };

const WRITE: AppendDecision = { kind: 'write', undelete: false };
const WRITE_AND_UNDELETE: AppendDecision = { kind: 'write', undelete: true };
const WRONG: AppendDecision = { kind: 'wrong-expected-revision' };

const write = (stream: StreamView): AppendDecision => (stream.softDeleted ? WRITE_AND_UNDELETE : WRITE);

/**
 * Decides an append as EventStoreDB does: expected revision first, and a retry is recognised by its event ids alone,
 * never by its data. At a revision the ids must stand there in the same order; without one all must be known to the
 * stream, in whatever order.
 */
export function decideAppend(
  expected: ExpectedRevision,
  eventIds: readonly string[],
  stream: StreamView,
): AppendDecision {
  switch (expected.kind) {
    case 'any':
      return decideByIds(eventIds, stream);
    case 'stream-exists':
      if (stream.softDeleted) return { kind: 'stream-deleted' };
      if (stream.lastRevision < 0 && !stream.hasMetadata) return WRONG;
      return decideByIds(eventIds, stream);
    case 'no-stream':
      return decideAtRevision(-1, eventIds, stream);
    case 'revision':
      return expected.revision > BigInt(stream.lastRevision)
        ? WRONG
        : decideAtRevision(Number(expected.revision), eventIds, stream);
    default:
      return expected satisfies never;
  }
}

function decideByIds(eventIds: readonly string[], stream: StreamView): AppendDecision {
  let lastRevision: number | undefined;
  for (const id of eventIds) {
    const known = stream.latestRevisionOf(id);
    if (known === undefined) return lastRevision === undefined ? write(stream) : WRONG;
    lastRevision = known;
  }
  return lastRevision === undefined ? write(stream) : { kind: 'repeat', lastRevision };
}

function decideAtRevision(revision: number, eventIds: readonly string[], stream: StreamView): AppendDecision {
  if (revision === stream.lastRevision) return write(stream);
  if (eventIds.length === 0) return WRONG;
  const mismatch = eventIds.findIndex((id, i) => stream.idAt(revision + 1 + i) !== id);
  if (mismatch < 0) return { kind: 'repeat', lastRevision: revision + eventIds.length };
  return mismatch === 0 && revision === -1 && stream.softDeleted ? WRITE_AND_UNDELETE : WRONG;
}
