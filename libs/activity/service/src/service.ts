import { IdentityService } from '@touchline/contracts/identity/v1/service';
import { PermissionService } from '@touchline/contracts/permission/v1/service';
import { TelemetryService } from '@touchline/contracts/telemetry/v1/service';
import { EventLog, IdSequence } from '@touchline/event-log';
import {
  connectMongo,
  followEvents,
  ProjectionRunner,
  type ReadModel,
  type ReadModelsLogger,
} from '@touchline/read-models';
import { createClient, readModelsService, type RpcLogger, serve, type TokenVerifier } from '@touchline/rpc';
import { Activities } from './activities.ts';
import { endActivities, MANAGER_DELETED } from './end-of-manager.ts';
import { grpcHandlers } from './grpc-handlers.ts';
import { Peers } from './peers.ts';
import { activitiesModel } from './projections/activities.ts';
import { timeFramesModel } from './projections/time-frames.ts';
import { Queries } from './queries.ts';
import { TimeFrameRules } from './time-frame-rules.ts';
import { TimeFrames } from './time-frames.ts';
import { Wearings } from './wearing.ts';

export interface ActivityServiceOptions {
  readonly eventstoreUrl: string;
  readonly mongodbUrl: string;
  /** Port 0: a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly verifier: TokenVerifier;
  /** Signs this service's own calls. */
  readonly token: () => Promise<string> | string;
  /** host:port */
  readonly peers: { readonly identity: string; readonly permission: string; readonly telemetry: string };
  readonly instance: string;
  readonly logger: ReadModelsLogger & RpcLogger;
}

export interface RunningService {
  readonly port: number;
  /** Resolves when the projections have a live holder that has caught up. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/** The activity context: its gRPC server and its projections. @throws Error when the address cannot be listened on */
export async function startActivityService(options: ActivityServiceOptions): Promise<RunningService> {
  const log = EventLog.connect({ url: options.eventstoreUrl });
  const mongo = connectMongo(options.mongodbUrl);
  const models: readonly ReadModel[] = [activitiesModel, timeFramesModel] as unknown as readonly ReadModel[];
  const projections = new ProjectionRunner({
    context: 'activity',
    log,
    mongo,
    models,
    instance: options.instance,
    logger: options.logger,
  });
  const { token } = options;
  const clients = {
    identity: createClient(IdentityService, options.peers.identity, { token }),
    permission: createClient(PermissionService, options.peers.permission, { token }),
    telemetry: createClient(TelemetryService, options.peers.telemetry, { token }),
  };
  const peers = new Peers(clients);
  const queries = new Queries(projections);
  const activities = new Activities(log);
  const timeFrames = new TimeFrames(log, activities);
  const wearings = new Wearings(log, timeFrames);
  const rules = new TimeFrameRules(activities, peers);
  const server = await serve({
    ...options.listen,
    services: [
      grpcHandlers({
        activity: { activities, ids: new IdSequence(log, 'activity'), peers, queries },
        timeFrame: { timeFrames, wearings, rules, ids: new IdSequence(log, 'timeframe'), peers, queries },
      }),
      readModelsService(projections),
    ],
    verifier: options.verifier,
    logger: options.logger,
  });
  projections.start();
  const stopping = new AbortController();
  const following = followEvents({
    log,
    state: mongo.state('activity'),
    name: 'end-of-manager',
    types: [MANAGER_DELETED],
    handle: (event, signal) => endActivities(event, { activities, queries, projections }, signal),
    signal: stopping.signal,
    logger: options.logger,
  });
  return {
    port: server.port,
    ready: projections.ready,
    async stop() {
      stopping.abort();
      await server.close();
      await following;
      await projections.stop();
      for (const client of Object.values(clients)) client.close();
      await log.close();
      await mongo.close();
    },
  };
}
