import { expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const nowMs = Date.UTC(1994, 10, 6, 8, 49, 0);

it.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
  ['Sun Nov  6 08:49:37 1994', 37_000],
  ['Sun, 06 Nov 1994 08:48:00 GMT', 0],
  [undefined, undefined],
  ['', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['2024', 2_024_000],
  ['1e9', undefined],
])('Retry-After: %s asks for %s ms', (header, expected) => {
  expect(retryAfterMs(header, nowMs)).toBe(expected);
});
