import { EventLog, IdSequence } from '@touchline/event-log';
import { permissionSequence } from '@touchline/permission-domain';
import { connectMongo, ProjectionRunner, type ReadModelsLogger } from '@touchline/read-models';
import { readModelsService, type RpcLogger, serve, TokenVerifier } from '@touchline/rpc';
import { PermissionCommands } from './execute.ts';
import { permissionHandlers } from './grpc-handlers.ts';
import { grantsReadModel } from './projections/grants.ts';
import { usersReadModel } from './projections/users.ts';
import { Queries } from './queries.ts';

export interface PermissionServiceOptions {
  eventstoreUrl: string;
  mongodbUrl: string;
  /** Port 0: a free one. */
  listen: { host: string; port: number };
  /** The holder's name for leases. */
  instance: string;
  /** JWKS as JSON. */
  verifyKeys: string;
  logger: RpcLogger & ReadModelsLogger;
}

export interface RunningService {
  port: number;
  ready: Promise<void>;
  stop(): Promise<void>;
}

/** @throws Error when a key is malformed or the address cannot be listened on */
export async function startPermissionService(options: PermissionServiceOptions): Promise<RunningService> {
  const { instance, logger } = options;
  const verifier = TokenVerifier.fromJwks(options.verifyKeys);
  const log = EventLog.connect({ url: options.eventstoreUrl });
  const mongo = connectMongo(options.mongodbUrl);
  const models = { grants: grantsReadModel, users: usersReadModel };
  const runner = new ProjectionRunner({
    context: 'permission',
    log,
    mongo,
    models: [models.grants, models.users],
    instance,
    logger,
  });
  const commands = new PermissionCommands(
    log,
    new IdSequence(log, permissionSequence, { actor: 'service:permission' }),
  );
  let isReady = false;
  const server = await serve({
    host: options.listen.host,
    port: options.listen.port,
    services: [permissionHandlers(commands, new Queries(runner, models)), readModelsService(runner)],
    verifier,
    health: () => isReady,
    logger,
  });
  runner.start();
  return {
    port: server.port,
    ready: runner.ready.then(() => {
      isReady = true;
    }),
    async stop() {
      isReady = false;
      await server.close();
      await runner.stop();
      await log.close();
      await mongo.close();
    },
  };
}
