import { describe, expect, test } from 'vitest';
import { eventId, nameBasedUuid } from './event-id.ts';

describe('event ids', () => {
  test('stay what they are for ever: stored events are recognised by them', () => {
    expect(eventId('c0ffee', 'user-12', 0)).toBe('bcea5d49-7e08-5fda-bb4e-45bfa69f2493');
  });

  test('are name-based UUIDs of version 5 and the RFC variant', () => {
    expect(nameBasedUuid('é')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  test('differ by command, stream and index, whatever the parts hold', () => {
    const ids = [
      eventId('a', 'b', 0),
      eventId('a', 'b', 1),
      eventId('a,b', '', 0),
      eventId('a', ',b', 0),
      eventId('a"', 'b', 0),
      eventId('', 'ab', 0),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
