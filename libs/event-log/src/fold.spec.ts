import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold } from './fold.ts';

describe('folded text', () => {
  test.each([
    ['ÉLAN', 'élan'],
    ['E\u0301lan', 'élan'],
    ['ﬁn', 'fin'],
    ['Ｎｏ．１', 'no.1'],
    ['Straße', 'straße'],
  ])('of %s is %s', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  test('of upper, lower and decomposed ASCII and Latin letters is the same', () => {
    const letters = fc.stringMatching(/^[a-zà-öø-þ]*$/);
    fc.assert(
      fc.property(letters, (text) => {
        expect(fold(text.toUpperCase())).toBe(fold(text));
        expect(fold(text.normalize('NFD'))).toBe(fold(text));
      }),
    );
  });
});
