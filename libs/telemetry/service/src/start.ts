import { PermissionService } from '@touchline/contracts/permission/v1/service';
import {
  EventLog,
  IdSequence,
  KeysUnknown,
  NameReservations,
  WrongExpectedRevision,
} from '@touchline/event-log';
import {
  connectMongo,
  followEvents,
  KeyStore,
  Lease,
  ProjectionRunner,
  ReadAudit,
  type ReadModel,
  type ReadModelsLogger,
} from '@touchline/read-models';
import {
  type CallContext,
  createClient,
  readModelsService,
  RpcError,
  type RpcLogger,
  serve,
  type TokenVerifier,
} from '@touchline/rpc';
import { Devices } from './devices.ts';
import { endOwnerships, MANAGER_DELETED } from './end-of-manager.ts';
import { ATHLETE_DELETED, AthleteErasure } from './erasure/erase-athlete.ts';
import { DeviceCommands } from './execute.ts';
import { telemetryHandlers } from './grpc-handlers.ts';
import { DayWriters, IngestOverloaded } from './ingest/day-writers.ts';
import { deletedActivitiesModel } from './projections/deleted-activities.ts';
import { devicesModel } from './projections/devices.ts';
import { wearingsModel } from './projections/wearings.ts';
import { DeviceQueries } from './queries.ts';

export interface TelemetryServiceOptions {
  readonly eventstoreUrl: string;
  readonly mongodbUrl: string;
  /** Port 0: a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly verifier: TokenVerifier;
  /** Signs this service's own calls. */
  readonly token: () => Promise<string> | string;
  /** host:port */
  readonly peers: { readonly permission: string };
  /** Wraps the keys of device-days; 32 bytes. */
  readonly masterKey: Uint8Array;
  /** Keys the hashes of reserved serial numbers; at least 32 bytes. */
  readonly nameSecret: Uint8Array;
  readonly instance: string;
  readonly logger: ReadModelsLogger & RpcLogger;
  /** Milliseconds since the Unix epoch; the wall clock when left out. */
  readonly now?: () => number;
}

export interface RunningService {
  readonly port: number;
  /** Resolves when the projections have a live holder that has caught up. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/** The telemetry context: its gRPC server and its projections. @throws Error when the address cannot be listened on */
export async function startTelemetryService(options: TelemetryServiceOptions): Promise<RunningService> {
  const log = EventLog.connect({ url: options.eventstoreUrl });
  const mongo = connectMongo(options.mongodbUrl);
  const models = [devicesModel, wearingsModel, deletedActivitiesModel] as unknown as readonly ReadModel[];
  const projections = new ProjectionRunner({
    context: 'telemetry',
    log,
    mongo,
    models,
    instance: options.instance,
    logger: options.logger,
  });
  const permission = createClient(PermissionService, options.peers.permission, { token: options.token });
  const state = mongo.state('telemetry');
  const keys = new KeyStore(state, options.masterKey);
  const actor = 'service:telemetry';
  const commands = new DeviceCommands({ log, reservations: new NameReservations(log, options.nameSecret) });
  const queries = new DeviceQueries(projections);
  const devices = new Devices(log);
  const writers = new DayWriters({ log, keys });
  const now = options.now ?? Date.now;
  const handlers = telemetryHandlers({
    log,
    keys,
    devices,
    commands,
    queries,
    writers,
    audit: new ReadAudit(state, now),
    deviceIds: new IdSequence(log, 'device', { actor }),
    ownershipIds: new IdSequence(log, 'ownership', { actor }),
    async roleOf(user, { requestId, deadlineMs, signal }: CallContext) {
      const { message } = await permission.getUsers({ users: [user] }, { requestId, deadlineMs, signal });
      return message.users.find(({ id }) => id === user)?.role;
    },
    now,
  });
  let isReady = false;
  const server = await serve({
    ...options.listen,
    services: [handlers, readModelsService(projections)],
    verifier: options.verifier,
    acceptIngestTokens: true,
    health: () => isReady,
    toRpcError: temporary,
    logger: options.logger,
  });
  projections.start();
  const stopping = new AbortController();
  const { instance, logger } = options;
  const erasure = new AthleteErasure({ log, keys, state, devices, queries, projections, writers, now });
  const erasing = new Lease({ state, name: 'day-erasure', holder: instance, logger }).hold(
    (signal) =>
      followEvents({
        log,
        state,
        name: 'day-erasure',
        types: [ATHLETE_DELETED],
        handle: (event, handling) => erasure.handle(event, handling),
        signal,
        logger,
      }),
    stopping.signal,
  );
  const following = followEvents({
    log,
    state,
    name: 'end-of-manager',
    types: [MANAGER_DELETED],
    handle: (event, signal) => endOwnerships(event, { commands, queries, projections }, signal),
    signal: stopping.signal,
    logger,
  });
  const ready = projections.ready.then(() => {
    isReady = true;
  });
  return {
    port: server.port,
    ready,
    async stop() {
      isReady = false;
      stopping.abort();
      await server.close();
      await Promise.all([following, erasing]);
      await projections.stop();
      permission.close();
      await log.close();
      await mongo.close();
    },
  };
}

/** What passes by itself: the call may be sent again. */
function temporary(error: unknown): RpcError | undefined {
  if (error instanceof IngestOverloaded) {
    return new RpcError('unavailable', 'Too much waits to be stored at the moment.', {
      retryAfterS: 1,
      cause: error,
    });
  }
  if (error instanceof WrongExpectedRevision || error instanceof KeysUnknown) {
    return new RpcError('unavailable', 'Others write the same at the moment.', {
      retryAfterS: 1,
      cause: error,
    });
  }
  return undefined;
}
