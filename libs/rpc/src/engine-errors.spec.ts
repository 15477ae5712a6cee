import { describe, expect, it } from 'vitest';
import { unavailableEngine } from './engine-errors.ts';

function named(name: string, cause?: unknown): Error {
  return Object.assign(new Error('secret address', { cause }), { name });
}

describe('errors of the engines', () => {
  it('mean that the call may be sent again, also deep in the causes, and tell nothing else', () => {
    const error = unavailableEngine(new Error('outer', { cause: named('MongoServerSelectionError') }));
    expect(error).toMatchObject({ status: 'unavailable', retryAfterS: 1 });
    expect(error?.detail).not.toContain('secret');
    expect(unavailableEngine(named('EventLogUnavailable'))?.status).toBe('unavailable');
  });

  it('tell an append that may have been written from one that was not', () => {
    expect(unavailableEngine(named('AppendUnconfirmed'))?.status).toBe('timeout');
  });

  it('mean that others were faster, and that the call may be sent again', () => {
    expect(unavailableEngine(named('WrongExpectedRevision'))).toMatchObject({
      status: 'unavailable',
      retryAfterS: 1,
    });
  });

  it('are told from all other errors', () => {
    expect(unavailableEngine(new Error('x'))).toBeUndefined();
    expect(unavailableEngine('MongoNetworkError')).toBeUndefined();
  });
});
