import { describe, expect, it } from 'vitest';

import { eventFilter } from './event-filter.ts';

describe('a filter of $all', () => {
  it('lets pass what begins with one of its prefixes', () => {
    const filter = eventFilter('stream', { regex: '', prefixes: ['user-', 'order.'] });
    expect(
      ['user-1', 'order.1', 'orders', 'my-user-1', 'User-1', ''].filter((name) => filter.matches(name)),
    ).toEqual(['user-1', 'order.1']);
  });

  it('lets pass what its regular expression finds, anywhere unless it says where', () => {
    expect(eventFilter('type', { regex: 'r-\\d$', prefixes: [] }).matches('user-1')).toBe(true);
    expect(eventFilter('type', { regex: '^r-\\d$', prefixes: [] }).matches('user-1')).toBe(false);
  });

  it('gives the same answer when it is asked again', () => {
    const filter = eventFilter('type', { regex: '^[^$].*', prefixes: [] });
    expect([filter.matches('Happened'), filter.matches('Happened'), filter.matches('$metadata')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it.each([
    [{ regex: '', prefixes: [] }, 'A filter needs a regular expression or at least one prefix.'],
    [{ regex: 'a', prefixes: ['b'] }, 'A filter has a regular expression or prefixes, not both.'],
    [
      { regex: 'a'.repeat(2000), prefixes: [] },
      "A filter's regular expression has at most 1024 characters, not 2000.",
    ],
    [
      { regex: '', prefixes: Array.from({ length: 2000 }, () => 'a') },
      'A filter has at most 1024 prefixes, not 2000.',
    ],
  ])('says what is wrong with %j', (expression, message) => {
    expect(() => eventFilter('stream', expression)).toThrow(message);
  });

  it('says why a regular expression cannot be read', () => {
    expect(() => eventFilter('stream', { regex: '(', prefixes: [] })).toThrow(
      /^The filter's regular expression cannot be read: .*\(/,
    );
  });

  it('answers at once also when its pattern can be tried in endless ways', () => {
    const filter = eventFilter('stream', { regex: '^(a+)+$', prefixes: [] });
    const startMs = performance.now();
    expect(filter.matches(`${'a'.repeat(60)}!`)).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(1000);
  });
});
