import { type CallContext } from '@touchline/rpc';
import { type Actor } from '@touchline/telemetry-domain';
import { type Devices } from './devices.ts';
import { hashIngestToken, sameHash } from './ingest-token.ts';
import { type DeviceQueries } from './queries.ts';
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
 * The caller of an ingest: a device by its token, or a user.
 *
 * @param deviceId that the call is about: nearly always the token's own
 * @throws RpcError `unauthenticated` when the token is no device's
 */
export async function ingestActorOf(
  context: CallContext,
  deviceId: number,
  { devices, queries }: { devices: Devices; queries: Pick<DeviceQueries, 'idByTokenHash'> },
): Promise<Actor> {
  if (context.caller.kind !== 'ingest-token') return actorOf(context);
  const hash = hashIngestToken(context.caller.token);
  if (await hasToken(devices, deviceId, hash)) return { role: 'DEVICE', deviceId };
  const other = await queries.idByTokenHash(hash);
  if (other !== undefined && (await hasToken(devices, other, hash)))
    return { role: 'DEVICE', deviceId: other };
  throw invalidToken();
}

async function hasToken(devices: Devices, deviceId: number, hash: string): Promise<boolean> {
  const loaded = await devices.load(deviceId);
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
