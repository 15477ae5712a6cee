import { describe, expect, test } from 'vitest';
import { Waiters } from './waiters.ts';

const never = new AbortController().signal;

describe('those who wait for a position', () => {
  test('go on as soon as it is passed, not before', async () => {
    const waiters = new Waiters();
    const woken: string[] = [];
    const all = ['3', '1', '2'].map(async (position) => {
      await waiters.wait(position, never);
      woken.push(position);
    });
    waiters.advance('2');
    await Promise.all([all[1], all[2]]);
    expect(woken).toEqual(['1', '2']);
    waiters.advance('3');
    await all[0];
    expect(waiters.size).toBe(0);
  });

  test('go on at once when it was passed before, and positions never go back', async () => {
    const waiters = new Waiters();
    waiters.advance('5');
    waiters.advance('4');
    await waiters.wait('5', never);
    expect(waiters.passed).toBe('5');
  });

  test('leave when they are told to, with the reason', async () => {
    const waiters = new Waiters();
    const given = new AbortController();
    const waiting = waiters.wait('1', given.signal);
    given.abort(new Error('too long'));
    await expect(waiting).rejects.toThrow('too long');
    await expect(waiters.wait('1', given.signal)).rejects.toThrow('too long');
    expect(waiters.size).toBe(0);
  });
});
