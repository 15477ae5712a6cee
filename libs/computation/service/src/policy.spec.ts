import type { Caller } from '@touchline/rpc';
import { expect, it } from 'vitest';
import { mayExport, mayReadComputed, readerOf } from './policy.ts';

const user = (role: 'ATHLETE' | 'MANAGER' | 'ADMIN'): Caller => ({ kind: 'user', id: 3, role });
const callers = {
  anonymous: { kind: 'service', name: 'gateway' } as Caller,
  ingestToken: { kind: 'ingest-token', token: 'x' } as Caller,
  athlete: user('ATHLETE'),
  manager: user('MANAGER'),
  admin: user('ADMIN'),
};

it.each(['retrieveTimeFrameComputed', 'retrieveActivityComputed'])('%s is open to managers', () => {
  const may = Object.fromEntries(
    Object.entries(callers).map(([name, caller]) => [name, mayReadComputed(caller)]),
  );
  expect(may).toEqual({ anonymous: false, ingestToken: false, athlete: false, manager: true, admin: true });
});

it('exportAccount is open to athletes', () => {
  const may = Object.entries(callers).filter(([, caller]) => mayExport(caller));
  expect(may.map(([name]) => name)).toEqual(['athlete']);
});

it('judges READ for the manager who asks, and not at all for an ADMIN', () => {
  expect(readerOf(callers.manager)).toBe(3);
  expect(readerOf(callers.admin)).toBeUndefined();
});
