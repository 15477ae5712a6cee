import { randomUUID } from 'node:crypto';
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import {
  ActivityDeletedSchema,
  ActivityUpdatedSchema,
  TimeFrameCreatedSchema,
  TimeFrameDeletedSchema,
  TimeFrameUpdatedSchema,
} from '@touchline/contracts/activity/v1/events';
import { ActivityService } from '@touchline/contracts/activity/v1/service';
import {
  type Delivery,
  DeliverySchema,
  type Webhook,
  WebhooksService,
} from '@touchline/contracts/webhooks/v1/service';
import { decodeMessage, encodePayload, EventLog } from '@touchline/event-log';
import {
  type Client,
  createClient,
  generateDeploymentKeys,
  type Handlers,
  implement,
  RpcError,
  type RpcServer,
  serve,
  serviceToken,
  TokenSigner,
  TokenVerifier,
} from '@touchline/rpc';
import { startWebhooksService, type WebhooksServiceOptions } from '../service.ts';

type Running = Awaited<ReturnType<typeof startWebhooksService>>;
export type Overrides = Partial<
  Pick<WebhooksServiceOptions, 'allowPrivate' | 'limits' | 'delivery' | 'instance' | 'logger'>
>;

export const owner = 3;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

let lastId = Math.floor(Math.random() * 1_000_000_000);
/** An id that nobody else has. */
export const newId = (): number => ++lastId;

/** The webhooks service over real engines, beside an activity service that knows the activities it is told of. */
export class TestSystem {
  readonly log: EventLog;
  readonly #engines: { eventstoreUrl: string; mongodbUrl: string };
  readonly #keys = generateDeploymentKeys();
  readonly #verifier = TokenVerifier.fromJwks(this.#keys.verifyKeys);
  readonly #activities = new Set<number>();
  readonly #running = new Set<Running>();
  #activityServer: RpcServer | undefined;
  #client: Client<typeof WebhooksService> | undefined;
  #token = '';

  constructor(engines: { eventstoreUrl: string; mongodbUrl: string }) {
    this.#engines = engines;
    this.log = EventLog.connect({ url: engines.eventstoreUrl });
  }

  async start(overrides: Overrides = {}): Promise<Running> {
    const activities = this.#activities;
    const unanswered = ActivityService.methods.map(({ localName }) => [
      localName,
      () => {
        throw new RpcError('unimplemented', 'Not part of this test.');
      },
    ]);
    const handlers: Partial<Handlers<typeof ActivityService>> = {
      ...(Object.fromEntries(unanswered) as Partial<Handlers<typeof ActivityService>>),
      async *findActivity({ activity: id }) {
        if (!activities.has(id)) throw new RpcError('not_found', 'Not found');
        yield { item: { case: 'activity', value: { id, owner } } };
      },
    };
    this.#activityServer ??= await serve({
      host: '127.0.0.1',
      port: 0,
      services: [implement(ActivityService, handlers as Handlers<typeof ActivityService>)],
      verifier: this.#verifier,
    });
    const service = await startWebhooksService({
      ...this.#engines,
      listen: { host: '127.0.0.1', port: 0 },
      verifier: this.#verifier,
      token: serviceToken(TokenSigner.fromPrivateJwk(this.#keys.serviceKey), 'webhooks'),
      peers: { activity: `127.0.0.1:${this.#activityServer.port}` },
      masterKey: new Uint8Array(Buffer.from(this.#keys.masterKey, 'base64')),
      allowPrivate: ['127.0.0.0/8'],
      instance: `test-${randomUUID()}`,
      logger: silent,
      ...overrides,
    });
    this.#running.add(service);
    this.#client?.close();
    this.#token = await this.tokenOf(owner);
    this.#client = createClient(WebhooksService, `127.0.0.1:${service.port}`);
    await service.ready;
    return service;
  }

  async stop(service: Running): Promise<void> {
    this.#running.delete(service);
    await service.stop();
  }

  async close(): Promise<void> {
    this.#client?.close();
    for (const service of [...this.#running]) await this.stop(service);
    await this.#activityServer?.close(0);
    await this.log.close();
  }

  async tokenOf(userId: number, role: 'MANAGER' | 'ATHLETE' | 'ADMIN' = 'MANAGER'): Promise<string> {
    const signer = TokenSigner.fromPrivateJwk(this.#keys.tokenKey);
    return (await signer.signUser({ userId, role, scope: 'all', clientId: 'c' })).token;
  }

  get client(): Client<typeof WebhooksService> {
    if (!this.#client) throw new Error('The service has not started.');
    return this.#client;
  }

  get calling(): { token: string } {
    return { token: this.#token };
  }

  newActivity(): number {
    const id = newId();
    this.#activities.add(id);
    return id;
  }

  /** A webhook of the activity for both kinds of events. */
  async webhook(
    activity: number,
    url: string,
    options: { secretToken?: string; activityEvents?: boolean; timeFramesEvents?: boolean } = {},
  ): Promise<Webhook> {
    const request = {
      activity,
      url,
      secretToken: 's3cr3t-token',
      activityEvents: true,
      timeFramesEvents: true,
    };
    const { message } = await this.client.createWebhook({ ...request, ...options }, this.calling);
    if (!message.webhook) throw new Error('No webhook.');
    return message.webhook;
  }

  /** A webhook's deliveries, newest first. */
  async deliveries(activity: number, webhook: number): Promise<Delivery[]> {
    const found: Delivery[] = [];
    const request = { activity, webhook, options: { page: 1, limit: 3000 } };
    for await (const { rows } of this.client.listDeliveries(request, this.calling)) {
      found.push(...rows.map((data) => decodeMessage(DeliverySchema, { data })));
    }
    return found;
  }

  async append<D extends DescMessage>(
    stream: string,
    schema: D,
    message: MessageInitShape<D>,
  ): Promise<void> {
    const metadata = { correlation_id: 'test', actor: `user:${owner}`, at: new Date().toISOString() };
    await this.log.append(stream, [{ ...encodePayload(schema, message), id: randomUUID(), metadata }], 'any');
  }

  updateActivity = (activityId: number): Promise<void> =>
    this.append(`activity-${activityId}`, ActivityUpdatedSchema, { activityId, owner, name: 'Match' });

  deleteActivity(activityId: number): Promise<void> {
    this.#activities.delete(activityId);
    return this.append(`activity-${activityId}`, ActivityDeletedSchema, { activityId });
  }

  createTimeFrame = (timeFrameId: number, activity: number): Promise<void> =>
    this.append(`timeframe-${timeFrameId}`, TimeFrameCreatedSchema, { timeFrameId, activity, owner });

  updateTimeFrame = (timeFrameId: number, activity: number): Promise<void> =>
    this.append(`timeframe-${timeFrameId}`, TimeFrameUpdatedSchema, { timeFrameId, activity, owner });

  deleteTimeFrame = (timeFrameId: number, activity: number): Promise<void> =>
    this.append(`timeframe-${timeFrameId}`, TimeFrameDeletedSchema, { timeFrameId, activity });
}

/** Asks until the answer is the wanted one. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const given = await ask();
    if (wanted(given)) return given;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
