import type { CallContext } from '@touchline/rpc';
import type { Actor } from '@touchline/telemetry-domain';
import type { Devices, LoadedDevice } from './devices.ts';
import { hashIngestToken, sameHash } from './ingest-token.ts';
import type { DeviceQueries } from './queries.ts';
import { forbidden, invalidToken } from './rejection-status.ts';

/**
 * The caller as the policies know him. The gateway calls for people who have not signed in.
 *
 * @throws RpcError `unauthenticated` for an ingest token, which is good for ingest alone
 */
export function actorOf({ caller }: CallContext): Actor {
  switch (caller.kind) {
    case 'user':
      return { role: caller.role, userId: caller.id };
    case 'service':
      return { role: 'ANONYMOUS' };
    case 'ingest-token':
      throw invalidToken();
    default:
      return caller satisfies never;
  }
}

/**
 * The caller of an ingest, a device by its token or a user, and the device that the call is about.
 *
 * @throws RpcError `unauthenticated` when the token is no device's
 */
export async function ingestCallOf(
  context: CallContext,
  deviceId: number,
  { devices, queries }: { devices: Devices; queries: Pick<DeviceQueries, 'idByTokenHash'> },
): Promise<{ actor: Actor; loaded: LoadedDevice | undefined }> {
  const { caller } = context;
  if (caller.kind !== 'ingest-token')
    return { actor: actorOf(context), loaded: await devices.load(deviceId) };
  const hash = hashIngestToken(caller.token);
  const loaded = await devices.load(deviceId);
  if (hasToken(loaded, hash)) return { actor: { role: 'DEVICE', deviceId }, loaded };
  const other = await queries.idByTokenHash(hash);
  if (other === undefined || !hasToken(await devices.load(other), hash)) throw invalidToken();
  return { actor: { role: 'DEVICE', deviceId: other }, loaded };
}

function hasToken(loaded: LoadedDevice | undefined, hash: string): boolean {
  return loaded !== undefined && sameHash(loaded.device.ingestTokenHash, hash);
}

/** @throws RpcError `forbidden` unless another service calls in its own name */
export function requireService({ caller }: CallContext): void {
  if (caller.kind !== 'service' || caller.name === 'gateway') throw forbidden();
}

/** @throws RpcError `forbidden` */
export function require(allowed: boolean): void {
  if (!allowed) throw forbidden();
}
