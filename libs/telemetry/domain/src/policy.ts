import { openOwnership, ownershipAt } from './ownership.ts';
import type { Device } from './state.ts';

/** Who calls, as far as devices are concerned. `DEVICE` showed the ingest token of the device `deviceId`. */
export type Actor =
  | { readonly role: 'ATHLETE' | 'MANAGER' | 'ADMIN'; readonly userId: number }
  | { readonly role: 'DEVICE'; readonly deviceId: number }
  | { readonly role: 'ANONYMOUS' };

const isManagerOrAdmin = (actor: Actor): boolean => actor.role === 'MANAGER' || actor.role === 'ADMIN';

const isAdmin = (actor: Actor): boolean => actor.role === 'ADMIN';

/** ADMIN, or a manager who owns it or owned it some time. */
function isOwnerEver(actor: Actor, device: Device): boolean {
  if (actor.role === 'ADMIN') return true;
  return actor.role === 'MANAGER' && device.ownerships.some(({ manager }) => manager === actor.userId);
}

/** ADMIN, or the manager who owns it now. */
function isOwnerNow(actor: Actor, device: Device, atMs: number): boolean {
  if (actor.role === 'ADMIN') return true;
  return actor.role === 'MANAGER' && ownershipAt(device.ownerships, atMs)?.manager === actor.userId;
}

/** ADMIN, or the manager whose ownership has no end yet, begun or not. */
function isOwnerOpenly(actor: Actor, device: Device): boolean {
  if (actor.role === 'ADMIN') return true;
  return actor.role === 'MANAGER' && openOwnership(device.ownerships)?.manager === actor.userId;
}

/** Who may, by operation; `atMs` is now, in milliseconds since the Unix epoch. */
export const may = {
  /** Which ones is a matter of `ownerOfList`. */
  listDevices: isManagerOrAdmin,
  createDevice: isAdmin,
  takeOwnership: isManagerOrAdmin,
  retrieveDevice: isOwnerEver,
  listOwnerships: isOwnerEver,
  /** Which rows is a matter of `ownedWithin`. */
  listPreprocessed: isOwnerEver,
  /** Which rows is a matter of `wornBy`. */
  exportAccount: (actor: Actor): boolean => actor.role === 'ATHLETE',
  rotateIngestToken: isOwnerNow,
  setCustomName: isOwnerNow,
  releaseOwnership: isOwnerOpenly,
  ingestPreprocessed: (actor: Actor, device: Device, atMs: number): boolean =>
    actor.role === 'DEVICE' ? actor.deviceId === device.id : isOwnerNow(actor, device, atMs),
} as const;

/** The manager whose devices, ownerships and recordings an answer holds; undefined for all (ADMIN). */
export const ownerOfList = (actor: Actor): number | undefined =>
  actor.role === 'ADMIN' ? undefined : actor.role === 'MANAGER' ? actor.userId : 0;

/** Whether he may name this manager as the owner: himself, an ADMIN anyone. */
export const mayNameOwner = (actor: Actor, owner: number): boolean =>
  actor.role === 'ADMIN' || (actor.role === 'MANAGER' && actor.userId === owner);
