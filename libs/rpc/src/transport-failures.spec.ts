import { Metadata, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { decodeError, encodeError } from './metadata.ts';
import { RpcError } from './rpc-error.ts';

const failure = (code: number, details: string) =>
  decodeError({ code, details, metadata: new Metadata() }).status;

describe('a failure of the connection', () => {
  it('is unavailable when the call never left', () => {
    expect(failure(status.UNAVAILABLE, 'No connection established. Last error: refused')).toBe('unavailable');
    expect(failure(status.UNAVAILABLE, 'round_robin: No connection established. Last error: refused')).toBe(
      'unavailable',
    );
    expect(
      failure(status.DEADLINE_EXCEEDED, 'Deadline exceeded after 1s,wait_for_ready,Waiting for LB pick'),
    ).toBe('unavailable');
  });

  it('leaves the outcome unknown when the call had left', () => {
    expect(failure(status.UNAVAILABLE, 'Connection dropped')).toBe('timeout');
    expect(
      failure(status.DEADLINE_EXCEEDED, 'Deadline exceeded after 1s,LB pick: 0s,remote_addr=127.0.0.1:1'),
    ).toBe('timeout');
  });

  it('is none when the peer itself said that it is unavailable', () => {
    expect(decodeError(encodeError(new RpcError('unavailable', 'The log is away.'))).status).toBe(
      'unavailable',
    );
  });
});
