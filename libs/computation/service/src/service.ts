import { ActivityService } from '@touchline/contracts/activity/v1/service';
import { IdentityService } from '@touchline/contracts/identity/v1/service';
import { PermissionService } from '@touchline/contracts/permission/v1/service';
import { TelemetryService } from '@touchline/contracts/telemetry/v1/service';
import { EventLog } from '@touchline/event-log';
import {
  connectMongo,
  ProjectionRunner,
  ReadAudit,
  type ReadModel,
  type ReadModelsLogger,
} from '@touchline/read-models';
import { createClient, readModelsService, type RpcLogger, serve, type TokenVerifier } from '@touchline/rpc';
import { AthleteExport } from './athlete-export.ts';
import { ComputedReads } from './computed-reads.ts';
import { Computer } from './computer.ts';
import { ComputedDerivation } from './derived-documents.ts';
import { Documents } from './documents.ts';
import { grpcHandlers } from './grpc-handlers.ts';
import { Inputs } from './inputs.ts';
import { peerKeys } from './keys.ts';
import { computedModel } from './projections/computed.ts';
import { activitiesModel, athletesModel, devicesModel } from './projections/facts.ts';
import { framesModel } from './projections/frames.ts';

export interface ComputationServiceOptions {
  readonly eventstoreUrl: string;
  readonly mongodbUrl: string;
  /** Port 0: a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly verifier: TokenVerifier;
  /** Signs this service's own calls. */
  readonly token: () => Promise<string> | string;
  /** host:port */
  readonly peers: {
    readonly identity: string;
    readonly permission: string;
    readonly activity: string;
    readonly telemetry: string;
  };
  readonly instance: string;
  readonly logger: ReadModelsLogger & RpcLogger;
}

export interface RunningService {
  readonly port: number;
  /** Resolves when the projections have a live holder that has caught up. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/** The computation context: its gRPC server, its projections and, in one instance, the computer. */
export async function startComputationService(options: ComputationServiceOptions): Promise<RunningService> {
  const { token, logger } = options;
  const log = EventLog.connect({ url: options.eventstoreUrl });
  const mongo = connectMongo(options.mongodbUrl);
  const clients = {
    identity: createClient(IdentityService, options.peers.identity, { token }),
    permission: createClient(PermissionService, options.peers.permission, { token }),
    activity: createClient(ActivityService, options.peers.activity, { token }),
    telemetry: createClient(TelemetryService, options.peers.telemetry, { token }),
  };
  const personKeys = peerKeys(clients.identity.keys);
  const dayKeys = peerKeys(clients.telemetry.keys);
  const models = [framesModel, activitiesModel, devicesModel, athletesModel, computedModel];
  const projections: ProjectionRunner = new ProjectionRunner({
    context: 'computation',
    log,
    mongo,
    models: models as unknown as readonly ReadModel[],
    instance: options.instance,
    logger,
    everything: true,
    onApplied: () => computer.notify(),
    whileHeld: (signal) => computer.run(signal),
    derived: new ComputedDerivation({ log, personKeys, dayKeys }),
  });
  const inputs = new Inputs(projections, personKeys);
  const computer: Computer = new Computer({ log, projections, inputs, dayKeys, logger });
  const documents = new Documents({ log, projections, computer, inputs });
  const { activity, permission } = clients;
  const audit = new ReadAudit(mongo.state('computation'));
  const server = await serve({
    ...options.listen,
    services: [
      grpcHandlers({
        activity,
        permission,
        documents,
        reads: new ComputedReads(audit),
        athleteExport: new AthleteExport({ activity, projections, documents, audit }),
      }),
      readModelsService(projections),
    ],
    verifier: options.verifier,
    logger,
  });
  projections.start();
  return {
    port: server.port,
    ready: projections.ready,
    async stop() {
      await server.close();
      await projections.stop();
      for (const client of Object.values(clients)) client.close();
      await log.close();
      await mongo.close();
    },
  };
}
