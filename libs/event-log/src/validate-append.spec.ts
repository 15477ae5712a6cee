import { describe, expect, test } from 'vitest';
import { AppendTooLarge, EventLogError } from './errors.ts';
import type { EncodedEvent, ExpectedRevision } from './event.ts';
import { eventId } from './event-id.ts';
import { MAX_APPEND_BYTES, validateAppend } from './validate-append.ts';

const event: EncodedEvent = {
  type: 'test.v1.Happened',
  id: eventId('command', 'test-1', 0),
  data: { what: 'it' },
  metadata: { correlation_id: 'c', actor: 'user:1', at: '2021-11-19T10:00:00.000Z' },
};
const circular: Record<string, unknown> = {};
circular['itself'] = circular;

describe('an append', () => {
  test('of sound events passes', () => {
    expect(() => validateAppend('test-1', [event], 'no_stream')).not.toThrow();
    expect(() => validateAppend('test-1', [{ ...event, data: new Uint8Array(9) }], 0)).not.toThrow();
  });

  test.each<[string, string, Partial<EncodedEvent>, ExpectedRevision, string]>([
    ['to no stream', '', {}, 'any', 'the name of the stream is empty'],
    ['to a stream of the server', '$all', {}, 'any', 'belong to the server'],
    ['to a stream of half a character', 'a\ud800', {}, 'any', 'not well-formed'],
    ['without a type', 's', { type: '' }, 'any', 'event 0 has no type'],
    ['with a type of the server', 's', { type: '$>' }, 'any', "are the server's"],
    ['with an id that is none', 's', { id: 'x' }, 'any', 'the id "x" is not a UUID'],
    ['at a negative revision', 's', {}, -1, 'the expected revision is -1'],
    ['at half a revision', 's', {}, 0.5, 'the expected revision is 0.5'],
    ['of circular data', 's', { data: circular as never }, 'any', 'is not JSON'],
    ['of big integers', 's', { data: { n: 1n } as never }, 'any', 'is not JSON'],
    ['of no data', 's', { data: undefined as never }, 'any', 'is not JSON'],
  ])('%s is refused before the client sees it', (_what, stream, change, expected, message) => {
    const append = () => validateAppend(stream, [{ ...event, ...change }], expected);
    expect(append).toThrow(EventLogError);
    expect(append).toThrow(message);
  });

  test('of nothing is refused', () => {
    expect(() => validateAppend('s', [], 'any')).toThrow('there are no events');
  });

  test('larger than the limit is refused by its size, counted in UTF-8', () => {
    const large = { ...event, data: { text: 'é'.repeat(MAX_APPEND_BYTES / 2) } };
    expect(() => validateAppend('s', [large], 'any')).toThrow(AppendTooLarge);
    const half = { ...event, data: new Uint8Array(MAX_APPEND_BYTES / 2) };
    expect(() => validateAppend('s', [half, half], 'any')).toThrow(AppendTooLarge);
    expect(() => validateAppend('s', [half], 'any')).not.toThrow();
  });
});
