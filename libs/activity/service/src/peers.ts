import type { PermissionService, UserRole } from '@touchline/contracts/permission/v1/service';
import { Kind } from '@touchline/contracts/permission/v1/events';
import type { IdentityService } from '@touchline/contracts/identity/v1/service';
import type { TelemetryService } from '@touchline/contracts/telemetry/v1/service';
import { together } from '@touchline/event-log';
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

interface AskedRoles {
  readonly users: readonly number[];
  readonly context: CallContext;
}

interface AskedOwnership {
  readonly device: number;
  readonly manager: number;
  readonly window: Window;
  readonly context: CallContext;
}

interface Ownership {
  readonly exists: boolean;
  readonly owned: boolean;
}

interface AskedWrite {
  readonly manager: number;
  readonly athlete: number;
  readonly window: Window;
  readonly context: CallContext;
}

const timesOf = ({ startMs, endMs }: Window) => ({
  startTime: timestampFromMs(startMs),
  endTime: timestampFromMs(endMs),
});

/** Several requests are asked about at once, for as long as one of them waits. */
const withinAll = (contexts: readonly CallContext[]) => ({
  requestId: contexts[0]?.requestId,
  deadlineMs: Math.max(...contexts.map(({ deadlineMs }) => deadlineMs)),
});

/** What this context asks the others. Questions that are alike are asked together. Each method throws RpcError. */
export class Peers {
  readonly #clients: PeerClients;
  readonly #roles: (asked: AskedRoles) => Promise<ReadonlyMap<number, UserRole>>;
  readonly #ownership: (asked: AskedOwnership) => Promise<Ownership>;
  readonly #mayWrite: (asked: AskedWrite) => Promise<boolean>;

  constructor(clients: PeerClients) {
    this.#clients = clients;
    this.#roles = together((asked) => this.#askRoles(asked));
    this.#ownership = together((asked) => this.#askOwnership(asked));
    this.#mayWrite = together((asked) => this.#askMayWrite(asked));
  }

  async roles(users: readonly number[], context: CallContext): Promise<ReadonlyMap<number, UserRole>> {
    return users.length === 0 ? new Map() : this.#roles({ users, context });
  }

  /** Whether the device exists, and whether the manager owned it over the whole window. */
  ownership(device: number, manager: number, window: Window, context: CallContext): Promise<Ownership> {
    return this.#ownership({ device, manager, window, context });
  }

  /** Whether the manager has WRITE on the athlete over the whole window. */
  mayWrite(manager: number, athlete: number, window: Window, context: CallContext): Promise<boolean> {
    return this.#mayWrite({ manager, athlete, window, context });
  }

  async #askRoles(asked: readonly AskedRoles[]): Promise<ReadonlyMap<number, UserRole>[]> {
    const users = [...new Set(asked.flatMap((one) => one.users))];
    const contexts = asked.map(({ context }) => context);
    const { message } = await this.#clients.permission.getUsers({ users }, withinAll(contexts));
    const roles = new Map(message.users.map(({ id, role }) => [id, role]));
    return asked.map(() => roles);
  }

  async #askOwnership(asked: readonly AskedOwnership[]): Promise<Ownership[]> {
    const windows = asked.map(({ device, manager, window }) => ({ device, manager, ...timesOf(window) }));
    const contexts = asked.map(({ context }) => context);
    const { message } = await this.#clients.telemetry.checkOwnership({ windows }, withinAll(contexts));
    return message.checked.map(({ deviceExists, owned }) => ({ exists: deviceExists, owned }));
  }

  async #askMayWrite(asked: readonly AskedWrite[]): Promise<boolean[]> {
    const covered = new Map<AskedWrite, boolean>();
    const byManager = [...Map.groupBy(asked, ({ manager }) => manager)];
    await Promise.all(
      byManager.map(async ([manager, his]) => {
        const windows = his.map(({ athlete, window }) => ({ athlete, ...timesOf(window) }));
        const contexts = his.map(({ context }) => context);
        const request = { manager, kind: Kind.WRITE, windows };
        const { message } = await this.#clients.permission.check(request, withinAll(contexts));
        for (const [i, one] of his.entries()) covered.set(one, message.covered[i] ?? false);
      }),
    );
    return asked.map((one) => covered.get(one) ?? false);
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
      {
        athletes: [...ids],
        reader: reader ?? 0,
        at: timestampFromMs(Date.now()),
        asker: context.caller.kind === 'user' ? context.caller.id : 0,
      },
      within(context),
    );
    return new Map(message.athletes.map((athlete) => [athlete.id, athlete]));
  }
}
