import { expect, it } from 'vitest';
import { timeLeft } from './rebuild-bar.ts';

it('tells the time left from the events left and the rate, and nothing before there is a rate', () => {
  expect(timeLeft(1000, 0)).toBe('');
  expect(timeLeft(1000, 300)).toBe('4 s left');
  expect(timeLeft(90_000, 1000)).toBe('1 min 30 s left');
});
