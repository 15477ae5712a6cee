import { expect, it } from 'vitest';
import { entityTag, ifMatchRevision, tagMatches } from './entity-tag.ts';

it('is the same for the same parts and another for others', () => {
  expect(entityTag('athlete', 12, 3)).toBe(entityTag('athlete', 12, 3));
  expect(entityTag('athlete', 12, 3)).toMatch(/^"3-[\w-]{22}"$/);
  expect(
    new Set([entityTag('a', 12), entityTag('a', 1, 2), entityTag('a', '12'), entityTag('a', 12, 2, null)])
      .size,
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

it('tells the revision that a change is meant for', () => {
  expect(ifMatchRevision(entityTag('athlete', 12, 3))).toBe(3);
  expect(ifMatchRevision(`${entityTag('athlete', 12, 3)}, ${entityTag('athlete', 12, 4)}`)).toBe(4);
  expect(ifMatchRevision(undefined)).toBeUndefined();
  expect(ifMatchRevision('*')).toBeUndefined();
});

it('lets no change pass that is meant for a tag of another server, or for a weak one', () => {
  expect(ifMatchRevision('"abc"')).toBe(4_294_967_295);
  expect(ifMatchRevision(`W/${entityTag('athlete', 12, 3)}`)).toBe(4_294_967_295);
});
