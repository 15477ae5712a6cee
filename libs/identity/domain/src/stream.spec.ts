import { describe, expect, it } from 'vitest';
import { externalIdKey, userIdOf, userStream } from './stream.ts';

describe('a user’s stream', () => {
  it('is named by his id and gives it back', () => {
    expect(userStream(12)).toBe('user-12');
    expect(userIdOf('user-12')).toBe(12);
  });

  it.each(['user-0', 'user-', 'user-12x', 'users-12', 'permissions-12'])('is not %s', (stream) => {
    expect(userIdOf(stream)).toBeUndefined();
  });
});

describe('an external id', () => {
  it('is unique per manager for managed athletes, else over all', () => {
    expect(externalIdKey('7', undefined)).toEqual({ kind: 'external-id', text: '7' });
    expect(externalIdKey('7', 1)).not.toEqual(externalIdKey('7', 2));
    expect(externalIdKey('/7', 1)).not.toEqual(externalIdKey('7', 1));
  });
});
