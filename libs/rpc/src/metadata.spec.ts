import { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import {
  decodeError,
  decodeRequestHeaders,
  decodeWritten,
  encodeError,
  encodeRequestHeaders,
  encodeWritten,
} from './metadata.ts';
import { RpcError, type RpcStatus, rpcStatuses } from './rpc-error.ts';

const nothing = { token: undefined, requestId: undefined, commandId: undefined, fieldErrors: {} };

describe('request metadata', () => {
  it('carries token, ids and field errors, with any text in them', () => {
    const headers = {
      token: 'a.b.c',
      requestId: 'req-1',
      commandId: 'cmd-1',
      fieldErrors: { 'json.größe': ['Zu groß – 10 % mehr.', 'second'] },
    };
    expect(decodeRequestHeaders(encodeRequestHeaders(headers))).toEqual(headers);
  });

  it('is empty when nothing was given', () => {
    expect(decodeRequestHeaders(encodeRequestHeaders(nothing))).toEqual(nothing);
  });

  it('refuses field errors that are no lists of texts', () => {
    for (const sent of ['[', '[]', '"x"', '{"a":"text"}', '{"a":[1]}']) {
      const metadata = new Metadata();
      metadata.set('x-field-errors-bin', Buffer.from(sent));
      expect(() => decodeRequestHeaders(metadata), sent).toThrow('must be a JSON object of lists of texts');
    }
  });

  it('keeps the first field errors when there are more than headers hold', () => {
    const many = Array.from({ length: 2000 }, (_, index) => [`field-${index}`, ['x'.repeat(100)]] as const);
    const { fieldErrors } = decodeRequestHeaders(
      encodeRequestHeaders({ ...nothing, fieldErrors: Object.fromEntries(many) }),
    );
    expect(Object.keys(fieldErrors)[0]).toBe('field-0');
    expect(JSON.stringify(fieldErrors).length).toBeLessThan(25_000);
    expect(JSON.stringify(fieldErrors).length).toBeGreaterThan(20_000);
  });
});

describe('errors in trailing metadata', () => {
  it('keep status, text, code, fields, OAuth code and delay', () => {
    const sent = new RpcError('oauth', 'Wrong grant.', {
      code: 'wrong_credentials',
      fields: { username: ['Unknown.'], non_field_errors: ['a', 'b'] },
      oauthError: 'invalid_grant',
      retryAfterS: 7,
    });
    const { status, detail, code, fields, oauthError, retryAfterS } = decodeError(encodeError(sent));
    expect({ status, detail, code, fields, oauthError, retryAfterS }).toEqual({
      status: 'oauth',
      detail: 'Wrong grant.',
      code: 'wrong_credentials',
      fields: { username: ['Unknown.'], non_field_errors: ['a', 'b'] },
      oauthError: 'invalid_grant',
      retryAfterS: 7,
    });
  });

  it('keep every status', () => {
    for (const status of Object.keys(rpcStatuses) as RpcStatus[]) {
      const error = new RpcError(status, 'x', status === 'oauth' ? { oauthError: 'invalid_grant' } : {});
      expect(decodeError(encodeError(error)).status).toBe(status);
    }
  });

  it('are understood without a detail, as a proxy or grpc itself sends them', () => {
    const failure = { code: 14, details: 'No connection established.', metadata: new Metadata() };
    expect(decodeError(failure)).toMatchObject({
      status: 'unavailable',
      detail: 'No connection established.',
      code: undefined,
      fields: undefined,
    });
    expect(decodeError({ ...failure, code: 15 }).status).toBe('internal');
  });
});

describe('written positions', () => {
  it('come back as they were', () => {
    const positions = [
      { eventType: 'identity.v1.AthleteCreated', position: '0000000000000012/0000000000000012' },
      { eventType: 'identity.v1.ManagerCreated', position: '0000000000000013/0000000000000013' },
    ];
    expect(decodeWritten(encodeWritten(positions))).toEqual(positions);
    expect(decodeWritten(encodeWritten([]))).toEqual([]);
  });
});
