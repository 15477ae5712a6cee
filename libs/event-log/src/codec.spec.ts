import { NameReleasedSchema, NameReservedSchema } from '@touchline/contracts/log/v1/events';
import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeBinaryPayload, encodePayload } from './codec.ts';

const message = { stream: 'user-12', revision: 7n };

describe('the codec', () => {
  test('stores proto3 JSON under the full name of the message', () => {
    expect(encodePayload(NameReservedSchema, message)).toEqual({
      type: 'log.v1.NameReserved',
      data: { stream: 'user-12', revision: '7' },
    });
  });

  test('reads both forms back', () => {
    for (const { data } of [
      encodePayload(NameReservedSchema, message),
      encodeBinaryPayload(NameReservedSchema, message),
    ]) {
      expect(decodeMessage(NameReservedSchema, { data })).toMatchObject(message);
    }
  });

  test('passes over fields that a newer writer added', () => {
    const data = { stream: 'user-12', revision: '7', since: 'tomorrow' };
    expect(decodeMessage(NameReservedSchema, { data })).toMatchObject(message);
  });

  test('reads an event once for all who ask for the same message, and anew for another one', () => {
    const { data } = encodePayload(NameReleasedSchema, { stream: 'user-12' });
    const released = decodeMessage(NameReleasedSchema, { data });
    expect(decodeMessage(NameReleasedSchema, { data })).toBe(released);
    expect(decodeMessage(NameReservedSchema, { data })).toMatchObject({ stream: 'user-12', revision: 0n });
  });

  test('refuses content of another message', () => {
    expect(() => decodeMessage(NameReservedSchema, { data: { stream: 12 } })).toThrow(/stream/);
  });
});
