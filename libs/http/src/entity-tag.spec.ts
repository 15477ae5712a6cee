import { expect, it } from 'vitest';
import { entityTag, tagMatches } from './entity-tag.ts';

it('is the same for the same parts and another for others', () => {
  expect(entityTag('athlete', 12, 3)).toBe(entityTag('athlete', 12, 3));
  expect(entityTag('athlete', 12, 3)).toMatch(/^"[\w-]{22}"$/);
  expect(
    new Set([entityTag('a', 12), entityTag('a', 1, 2), entityTag('a', '12'), entityTag('a', 12, null)]).size,
  ).toBe(4);
});

it('is found in a header among others, weak or not, and by a star', () => {
  const tag = entityTag('athlete', 12, 3);
  expect(tagMatches(`"x", ${tag}`, tag)).toBe(true);
  expect(tagMatches(`W/${tag}`, tag)).toBe(true);
  expect(tagMatches('*', tag)).toBe(true);
  expect(tagMatches('"x"', tag)).toBe(false);
  expect(tagMatches('', tag)).toBe(false);
});
