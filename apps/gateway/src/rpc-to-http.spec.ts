import { HttpError } from '@touchline/http';
import { RpcError, type RpcStatus } from '@touchline/rpc';
import { describe, expect, it } from 'vitest';
import { toHttpError, withoutOutcome } from './rpc-to-http.ts';

describe('the answer to a call that failed', () => {
  it.each<[RpcStatus, number, object]>([
    ['unauthenticated', 401, { detail: 'Invalid token.' }],
    ['forbidden', 403, { detail: 'You do not have permission to perform this action.' }],
    ['not_found', 404, { detail: 'Not found' }],
    ['precondition', 412, { detail: 'The resource has changed since it was read.' }],
    ['internal', 500, { detail: 'Internal server error.' }],
    ['unimplemented', 500, { detail: 'Internal server error.' }],
    ['cancelled', 503, { detail: expect.stringMatching(/Nothing was changed/) }],
    ['conflict', 503, { detail: expect.stringMatching(/Nothing was changed/) }],
    ['exhausted', 503, { detail: expect.stringMatching(/Nothing was changed/) }],
    ['unavailable', 503, { detail: expect.stringMatching(/Nothing was changed/) }],
    ['timeout', 503, { detail: expect.stringMatching(/Nothing was changed/) }],
  ])('with %s is %d', (status, expected, body) => {
    const error = new RpcError(status, 'internal words of the service');
    expect(toHttpError(error)).toMatchObject({ status: expected, body });
  });

  it('holds the messages of all fields', () => {
    const fields = { name: ['This field is required.'], non_field_errors: ['No.'] };
    expect(toHttpError(new RpcError('invalid', 'x', { fields }))).toMatchObject({
      status: 400,
      body: fields,
    });
  });

  it('says when to come back', () => {
    expect(toHttpError(new RpcError('unavailable', 'x', { retryAfterS: 7 }))?.headers).toEqual({
      'Retry-After': '7',
    });
    expect(toHttpError(new RpcError('unavailable', 'x'))?.headers).toEqual({ 'Retry-After': '1' });
  });

  it('is an OAuth error for token requests, which nobody keeps', () => {
    expect(toHttpError(new RpcError('oauth', 'Wrong.', { oauthError: 'invalid_grant' }))).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Wrong.' },
      headers: { 'Cache-Control': 'no-store', Pragma: 'no-cache' },
    });
    expect(toHttpError(new RpcError('oauth', 'Who?', { oauthError: 'invalid_client' }))).toMatchObject({
      status: 401,
      headers: { 'WWW-Authenticate': 'Basic realm="touchline"' },
    });
  });

  it.each<RpcStatus>(['timeout', 'cancelled'])('is 504 when a command ended by %s', (status) => {
    expect(withoutOutcome(new RpcError(status, 'x'))).toMatchObject({
      status: 504,
      body: { detail: expect.stringMatching(/not known/) },
    });
  });

  it('is 503 when a command changed nothing', () => {
    const unavailable = new RpcError('unavailable', 'x');
    expect(withoutOutcome(unavailable)).toBe(unavailable);
  });

  it('is left to others when no call failed', () => {
    expect(toHttpError(new TypeError('x'))).toBeUndefined();
    const error = new HttpError(418, 'x');
    expect(toHttpError(error)).toBe(error);
  });
});
