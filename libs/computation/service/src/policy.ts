import type { Caller } from '@touchline/rpc';

/** retrieveTimeFrameComputed, retrieveActivityComputed: managers, as far as they have READ over the windows. */
export const mayReadComputed = (caller: Caller): boolean =>
  caller.kind === 'user' && (caller.role === 'MANAGER' || caller.role === 'ADMIN');

/** The manager whose READ decides; undefined for an ADMIN, who may read everything. */
export const readerOf = (caller: Caller): number | undefined =>
  caller.kind === 'user' && caller.role === 'MANAGER' ? caller.id : undefined;

/** exportAccount: what is the athlete's own. */
export const mayExport = (caller: Caller): boolean => caller.kind === 'user' && caller.role === 'ATHLETE';
