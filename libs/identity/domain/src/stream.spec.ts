import { describe, expect, it } from 'vitest';
import { uniqueNames, userIdOf, userStream } from './stream.ts';

describe('a user’s stream', () => {
  it('is named by his id and gives it back', () => {
    expect(userStream(12)).toBe('user-12');
    expect(userIdOf('user-12')).toBe(12);
  });

  it.each(['user-0', 'user-', 'user-12x', 'users-12', 'permissions-12'])('is not %s', (stream) => {
    expect(userIdOf(stream)).toBeUndefined();
  });
});

describe('the unique names of a user', () => {
  it('are username, e-mail address and external id, always in this order', () => {
    expect(uniqueNames({ username: 'u', email: 'e', externalId: 'x' }, undefined)).toEqual([
      { field: 'username', kind: 'username', text: 'u' },
      { field: 'email', kind: 'email', text: 'e' },
      { field: 'external_id', kind: 'external-id', text: 'x' },
    ]);
  });

  it('leave out what he does not have', () => {
    expect(uniqueNames({ username: 'u', email: '' }, undefined)).toHaveLength(1);
  });

  it('hold the external id of a managed athlete per manager', () => {
    const [, one] = uniqueNames({ username: 'u', email: '', externalId: '/7' }, 1);
    const [, other] = uniqueNames({ username: 'u', email: '', externalId: '/7' }, 2);
    const [, slashless] = uniqueNames({ username: 'u', email: '', externalId: '7' }, 1);
    const [, unmanaged] = uniqueNames({ username: 'u', email: '', externalId: '/7' }, undefined);
    expect(one?.text).not.toBe(other?.text);
    expect(one?.text).not.toBe(slashless?.text);
    expect(one?.kind).not.toBe(unmanaged?.kind);
  });
});
