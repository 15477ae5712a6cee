import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decideAppend, type ExpectedRevision, type StreamView } from './append-decision.ts';

/** A stream as a list of ids, with the questions answered the slow way. */
const view = (ids: readonly string[], { softDeleted = false, hasMetadata = false } = {}): StreamView => ({
  lastRevision: ids.length - 1,
  softDeleted,
  hasMetadata,
  idAt: (revision) => ids[revision],
  latestRevisionOf: (id) => {
    const revision = ids.lastIndexOf(id);
    return revision < 0 ? undefined : revision;
  },
});

const at = (revision: number): ExpectedRevision => ({ kind: 'revision', revision: BigInt(revision) });
const ANY: ExpectedRevision = { kind: 'any' };
const NO_STREAM: ExpectedRevision = { kind: 'no-stream' };
const STREAM_EXISTS: ExpectedRevision = { kind: 'stream-exists' };

describe('the decision on an append', () => {
  it('lets a stream be expected that has metadata only', () => {
    expect(decideAppend(STREAM_EXISTS, ['a'], view([], { hasMetadata: true }))).toEqual({
      kind: 'write',
      undelete: false,
    });
    expect(decideAppend(STREAM_EXISTS, ['a'], view([]))).toEqual({ kind: 'wrong-expected-revision' });
  });

  it('brings a softly deleted stream back, unless it is expected to exist or the append is a retry', () => {
    const deleted = view(['a', 'b'], { softDeleted: true });
    for (const expected of [ANY, NO_STREAM, at(1)])
      expect(decideAppend(expected, ['c'], deleted)).toEqual({ kind: 'write', undelete: true });
    expect(decideAppend(at(0), ['c'], deleted)).toEqual({ kind: 'wrong-expected-revision' });
    expect(decideAppend(STREAM_EXISTS, ['c'], deleted)).toEqual({ kind: 'stream-deleted' });
    expect(decideAppend(NO_STREAM, ['a', 'b'], deleted)).toEqual({ kind: 'repeat', lastRevision: 1 });
  });

  it('compares revisions beyond what a number can hold', () => {
    expect(decideAppend({ kind: 'revision', revision: 2n ** 64n - 1n }, ['a'], view(['x']))).toEqual({
      kind: 'wrong-expected-revision',
    });
  });

  const ids = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 6 });
  const anyExpected = fc.oneof(fc.constantFrom(ANY, NO_STREAM, STREAM_EXISTS), fc.nat(8).map(at));

  it('never writes at a wrong revision', () => {
    fc.assert(
      fc.property(ids, ids, fc.nat(8), (stream, events, revision) => {
        const decision = decideAppend(at(revision), events, view(stream));
        if (decision.kind === 'write') expect(revision).toBe(stream.length - 1);
      }),
    );
  });

  it('calls a retry only what is in the stream already, and at a revision only what lies right there', () => {
    fc.assert(
      fc.property(ids, ids, anyExpected, (stream, events, expected) => {
        const decision = decideAppend(expected, events, view(stream));
        if (decision.kind !== 'repeat') return;
        expect(events.every((id) => stream.includes(id))).toBe(true);
        expect(stream[decision.lastRevision]).toBe(events.at(-1));
        if (expected.kind === 'any' || expected.kind === 'stream-exists') return;
        const first = expected.kind === 'revision' ? Number(expected.revision) + 1 : 0;
        expect(stream.slice(first, first + events.length)).toEqual(events);
      }),
    );
  });

  it('recognises every append when it comes again, whatever was appended after it', () => {
    fc.assert(
      fc.property(
        ids,
        fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { minLength: 1 }),
        ids,
        anyExpected,
        (before, events, after, expected) => {
          if (decideAppend(expected, events, view(before)).kind !== 'write') return;
          const decision = decideAppend(expected, events, view([...before, ...events, ...after]));
          expect(decision).toEqual({ kind: 'repeat', lastRevision: before.length + events.length - 1 });
        },
      ),
    );
  });
});
