import { expect, it } from 'vitest';
import { maskToken } from './mask.ts';

it.each([
  ['563456789', '56*******'],
  ['123456', '12****'],
  ['12345', '*****'],
  ['x', '*'],
  ['', ''],
  ['🔑🔑🔑🔑🔑🔑', '🔑🔑****'],
])('shows %s as %s', (token, masked) => {
  expect(maskToken(token)).toBe(masked);
});
