import type { PermissionService, UserRole } from '@touchline/contracts/permission/v1/service';
import { Kind } from '@touchline/contracts/permission/v1/events';
import type { IdentityService } from '@touchline/contracts/identity/v1/service';
import type { TelemetryService } from '@touchline/contracts/telemetry/v1/service';
import type { CallContext, Client } from '@touchline/rpc';
import { timestampFromMs } from './timestamps.ts';

export interface PeerClients {
  readonly identity: Client<typeof IdentityService>;
  readonly permission: Client<typeof PermissionService>;
  readonly telemetry: Client<typeof TelemetryService>;
}

interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** Calls in this service's own name, as part of the caller's request. */
const within = (context: CallContext) => ({
  requestId: context.requestId,
  deadlineMs: context.deadlineMs,
  signal: context.signal,
});

/** What this context asks the others. Each method throws RpcError. */
export class Peers {
  readonly #clients: PeerClients;

  constructor(clients: PeerClients) {
    this.#clients = clients;
  }

  async roles(users: readonly number[], context: CallContext): Promise<ReadonlyMap<number, UserRole>> {
    if (users.length === 0) return new Map();
    const { message } = await this.#clients.permission.getUsers({ users: [...users] }, within(context));
    return new Map(message.users.map(({ id, role }) => [id, role]));
  }

  /** Whether the manager has WRITE on the athlete over the whole window. */
  async mayWrite(manager: number, athlete: number, window: Window, context: CallContext): Promise<boolean> {
    const { message } = await this.#clients.permission.check(
      {
        manager,
        kind: Kind.WRITE,
        windows: [
          { athlete, startTime: timestampFromMs(window.startMs), endTime: timestampFromMs(window.endMs) },
        ],
      },
      within(context),
    );
    return message.covered[0] ?? false;
  }

  /** Whether the device exists, and whether the manager owned it over the whole window. */
  async ownership(
    device: number,
    manager: number,
    window: Window,
    context: CallContext,
  ): Promise<{ exists: boolean; owned: boolean }> {
    const { message } = await this.#clients.telemetry.checkOwnership(
      { device, manager, startTime: timestampFromMs(window.startMs), endTime: timestampFromMs(window.endMs) },
      within(context),
    );
    return { exists: message.deviceExists, owned: message.owned };
  }

  async devices(ids: readonly number[], context: CallContext) {
    if (ids.length === 0) return new Map();
    const { message } = await this.#clients.telemetry.getDevices({ devices: [...ids] }, within(context));
    return new Map(message.devices.map((device) => [device.id, device]));
  }

  /** The athletes on whom the reader has READ now; all of them when there is no reader. */
  async athletes(ids: readonly number[], reader: number | undefined, context: CallContext) {
    if (ids.length === 0) return new Map();
    const { message } = await this.#clients.identity.getAthletes(
      { athletes: [...ids], reader: reader ?? 0, at: timestampFromMs(Date.now()) },
      within(context),
    );
    return new Map(message.athletes.map((athlete) => [athlete.id, athlete]));
  }
}
