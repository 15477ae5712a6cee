import { randomInt } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { ReadModelsService } from '@touchline/contracts/common/v1/read_models';
import { PermissionService, UserRole } from '@touchline/contracts/permission/v1/service';
import type { FrameSchema } from '@touchline/contracts/telemetry/v1/frames';
import {
  type PreprocessedRow,
  type ReadPreprocessedRequestSchema,
  TelemetryService,
} from '@touchline/contracts/telemetry/v1/service';
import {
  type CallOptions,
  type Client,
  createClient,
  generateDeploymentKeys,
  implement,
  type Role,
  RpcError,
  serve,
  serviceToken,
  silentLogger,
  TokenSigner,
  TokenVerifier,
  type WrittenPosition,
} from '@touchline/rpc';
import { type RunningService, startTelemetryService } from './start.ts';

export type FrameInit = MessageInitShape<typeof FrameSchema>;

export interface Instance {
  readonly client: Client<typeof TelemetryService>;
  readonly service: RunningService;
}

const host = '127.0.0.1';
const keys = generateDeploymentKeys();
const users = TokenSigner.fromPrivateJwk(keys.tokenKey);
const services = TokenSigner.fromPrivateJwk(keys.serviceKey);
const verifier = TokenVerifier.fromJwks(keys.verifyKeys);

/** The service over engines, with a permission service that knows the users of this run. */
export class TelemetryFixture {
  readonly #engines: { eventstoreUrl: string; mongodbUrl: string };
  readonly #instances: Instance[] = [];
  readonly #closing: (() => Promise<void> | void)[] = [];
  readonly #roles = new Map<number, UserRole>();
  #permission = '';
  // Engines may be shared: users and serial numbers of a run are its own.
  #nextUser = randomInt(1, 20_000_000) * 100;
  readonly run = randomInt(1e9).toString(36);

  constructor(engines: { eventstoreUrl: string; mongodbUrl: string }) {
    this.#engines = engines;
  }

  async start(): Promise<void> {
    const refuse = () => {
      throw new RpcError('unimplemented', 'telemetry asks for roles only');
    };
    const permission = await serve({
      host,
      port: 0,
      services: [
        implement(PermissionService, {
          grant: refuse,
          share: refuse,
          revoke: refuse,
          listPermissions: refuse,
          check: refuse,
          getUsers: ({ users: ids }) => ({
            users: ids.flatMap((id) => {
              const role = this.#roles.get(id);
              return role === undefined ? [] : [{ id, role }];
            }),
          }),
        }),
      ],
      verifier,
    });
    this.#permission = `${host}:${permission.port}`;
    this.#closing.push(() => permission.close());
    await this.startInstance();
  }

  async startInstance(): Promise<Instance> {
    const service = await startTelemetryService({
      ...this.#engines,
      listen: { host, port: 0 },
      verifier,
      token: serviceToken(services, 'telemetry'),
      peers: { permission: this.#permission },
      masterKey: Buffer.from(keys.masterKey, 'base64'),
      nameSecret: Buffer.from(keys.nameSecret, 'base64'),
      instance: `telemetry-${this.run}-${this.#instances.length}`,
      logger: { ...silentLogger, info: () => {} },
    });
    const instance = { service, client: createClient(TelemetryService, `${host}:${service.port}`) };
    this.#instances.push(instance);
    await service.ready;
    return instance;
  }

  async stop(): Promise<void> {
    for (const { client, service } of this.#instances) {
      client.close();
      await service.stop();
    }
    for (const close of this.#closing) await close();
  }

  get client(): Client<typeof TelemetryService> {
    return this.#instances[0]!.client;
  }

  /** A new user and how he calls. */
  async user(role: Role): Promise<{ id: number; token: string }> {
    const id = this.#nextUser++;
    this.#roles.set(id, UserRole[role]);
    const { token } = await users.signUser({ userId: id, role, scope: 'all', clientId: 'test' });
    return { id, token };
  }

  async serviceToken(name: string): Promise<{ token: string }> {
    return { token: (await services.signService(name)).token };
  }

  /** The message of a command, once every read model has it. */
  async visible<Shape>(answer: Promise<{ message: Shape; written: WrittenPosition[] }>): Promise<Shape> {
    const { message, written } = await answer;
    const readModels = createClient(ReadModelsService, `${host}:${this.#instances[0]!.service.port}`);
    await readModels.waitFor({ positions: written }, await this.serviceToken('gateway'));
    readModels.close();
    return message;
  }

  /** A new device with its owner, from 2000 on, and its token. */
  async ownedDevice(): Promise<{ id: number; ingestToken: string; owner: { id: number; token: string } }> {
    const admin = await this.user('ADMIN');
    const owner = await this.user('MANAGER');
    const serialNumber = `serial-${this.run}-${randomInt(1e12)}`;
    const { message } = await this.client.registerDevice({ serialNumber }, admin);
    const id = message.device!.id;
    const startTime = { seconds: 946_684_800n };
    await this.visible(this.client.takeOwnership({ device: id, startTime }, owner));
    return { id, ingestToken: message.ingestToken, owner };
  }

  async rows(
    request: MessageInitShape<typeof ReadPreprocessedRequestSchema>,
    options: CallOptions,
  ): Promise<{ count: number; rows: PreprocessedRow[] }> {
    let count = 0;
    const rows: PreprocessedRow[] = [];
    for await (const { item } of this.client.readPreprocessed(request, options)) {
      if (item.case === 'count') count = item.value;
      if (item.case === 'rows') rows.push(...item.value.rows);
    }
    return { count, rows };
  }
}

/** What a call failed with: its status, code and fields. */
export async function failure(call: Promise<unknown>): Promise<Pick<RpcError, 'status' | 'code' | 'fields'>> {
  try {
    await call;
  } catch (error) {
    if (error instanceof RpcError) return { status: error.status, code: error.code, fields: error.fields };
    throw error;
  }
  throw new Error('the call succeeded');
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
