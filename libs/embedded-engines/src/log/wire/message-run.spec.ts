import { fromBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type ReadResp, ReadRespSchema } from '../gen/event_store/client/streams_pb.ts';
import { type StoredEvent, TOMBSTONE_REVISION } from '../store/records.ts';
import { MessageRunBuilder, serializeRun } from './message-run.ts';
import type { UuidForm } from './read-event.ts';

/** Takes apart what went out, with a protobuf reader that knows nothing of the writer. */
function messages(frames: Buffer): ReadResp[] {
  const found: ReadResp[] = [];
  for (let at = 0; at < frames.length;) {
    expect(frames[at]).toBe(0);
    const end = at + 5 + frames.readUInt32BE(at + 1);
    found.push(fromBinary(ReadRespSchema, frames.subarray(at + 5, end)));
    at = end;
  }
  return found;
}

const bytes = fc.uint8Array({ maxLength: 300 });
const storedEvent: fc.Arbitrary<StoredEvent> = fc.record({
  position: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  stream: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
  revision: fc.oneof(
    fc.nat(),
    fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 }),
    fc.constant(TOMBSTONE_REVISION),
  ),
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  createdMs: fc.integer({ min: 1, max: 4e12 }),
  isJson: fc.boolean(),
  type: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
  metadata: bytes,
  data: bytes,
});

const recorded = (event: StoredEvent, form: UuidForm): unknown => ({
  id: {
    value:
      form === 'string'
        ? {
            case: 'string',
            value: Buffer.from(event.id)
              .toString('hex')
              .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
          }
        : {
            case: 'structured',
            value: {
              mostSignificantBits: Buffer.from(event.id).readBigInt64BE(0),
              leastSignificantBits: Buffer.from(event.id).readBigInt64BE(8),
            },
          },
  },
  streamRevision: event.revision === TOMBSTONE_REVISION ? 2n ** 63n - 1n : BigInt(event.revision),
  preparePosition: BigInt(event.position),
  commitPosition: BigInt(event.position),
  metadata: {
    type: event.type,
    'content-type': event.isJson ? 'application/json' : 'application/octet-stream',
    created: String(BigInt(event.createdMs) * 10_000n),
  },
});

describe('a run of messages', () => {
  it('says what a protobuf reader reads back, whatever the event', () => {
    fc.assert(
      fc.property(
        storedEvent,
        fc.option(storedEvent, { nil: undefined }),
        fc.constantFrom<UuidForm>('string', 'structured'),
        (event, link, form) => {
          const run = new MessageRunBuilder();
          run.addEvent({ event, link }, form);
          const [message] = messages(run.take().frames);
          const value = message?.content.case === 'event' ? message.content.value : undefined;
          expect(value?.event).toMatchObject(recorded(event, form) as object);
          expect(Buffer.from(value?.event?.streamIdentifier?.streamName ?? []).toString()).toBe(event.stream);
          expect(Buffer.from(value?.event?.data ?? []).equals(event.data)).toBe(true);
          expect(Buffer.from(value?.event?.customMetadata ?? []).equals(event.metadata)).toBe(true);
          expect(value?.position).toEqual({
            case: 'commitPosition',
            value: BigInt((link ?? event).position),
          });
          if (link === undefined) expect(value?.link).toBeUndefined();
          else expect(value?.link).toMatchObject(recorded(link, form) as object);
        },
      ),
    );
  });

  it('keeps the order and the borders of many messages, beyond the size of its first buffer', () => {
    const [template] = fc.sample(storedEvent, { numRuns: 1, seed: 1 });
    if (template === undefined) throw new Error('no sample');
    const run = new MessageRunBuilder();
    for (let revision = 0; revision < 300; revision += 1)
      run.addEvent(
        { event: { ...template, revision, data: new Uint8Array(1000) }, link: undefined },
        'string',
      );
    const first = run.take();
    run.addEvent({ event: { ...template, revision: 7 }, link: undefined }, 'string');
    run.take();
    const revisions = messages(first.frames).map(({ content }) =>
      content.case === 'event' ? Number(content.value.event?.streamRevision) : -1,
    );
    expect(revisions).toEqual(Array.from({ length: 300 }, (_, i) => i));
  });

  it('takes the place of the single frame that a serializer is expected to fill', () => {
    const run = new MessageRunBuilder();
    run.add(new Uint8Array([1, 2, 3]));
    run.add(new Uint8Array([4]));
    const { frames } = run.take();
    const serialized = serializeRun({ frames });
    // What the server does with it.
    const output = Buffer.alloc(serialized.byteLength + 5, 0xff);
    serialized.copy(output, 5);
    expect([...output]).toEqual([0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 1, 4]);
  });
});
