import { expect, it } from 'vitest';
import { requestIdOf } from './request-id.ts';

it('keeps a printable id and makes one in the place of any other', () => {
  expect(requestIdOf('abc-123')).toBe('abc-123');
  for (const unfit of [undefined, '', 'a b', 'x'.repeat(129), 'line\nbreak', 'é']) {
    expect(requestIdOf(unfit)).toMatch(/^[0-9a-f-]{36}$/);
  }
});
