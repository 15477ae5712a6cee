import { ActivityService } from '@touchline/contracts/activity/v1/service';
import { cachedKeySource, EventLog, IdSequence } from '@touchline/event-log';
import {
  connectMongo,
  KeyStore,
  ProjectionRunner,
  type ReadModel,
  type ReadModelsLogger,
} from '@touchline/read-models';
import { createClient, readModelsService, type RpcLogger, serve, type TokenVerifier } from '@touchline/rpc';
import { webhookStream } from '@touchline/webhooks-domain';
import type { ReceiverLimits } from './deliveries/receiver.ts';
import { send, type SendOptions } from './deliveries/send.ts';
import { DeliveryWorker, type DeliveryWorkerOptions } from './deliveries/worker.ts';
import { webhookCodec } from './event-codec.ts';
import { grpcHandlers } from './grpc-handlers.ts';
import { webhooksModel } from './projections/webhooks.ts';
import { Queries } from './queries.ts';
import { AddressRules } from './target/address-rules.ts';
import { Webhooks } from './webhooks.ts';

export interface WebhooksServiceOptions {
  readonly eventstoreUrl: string;
  readonly mongodbUrl: string;
  /** Port 0: a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly verifier: TokenVerifier;
  /** Signs this service's own calls. */
  readonly token: () => Promise<string> | string;
  /** host:port */
  readonly peers: { readonly activity: string };
  /** 32 bytes: wraps the webhooks' keys. */
  readonly masterKey: Uint8Array;
  /** Ranges beside the public addresses that may be called, such as `10.0.0.0/8`. */
  readonly allowPrivate: readonly string[];
  readonly instance: string;
  readonly logger: ReadModelsLogger & RpcLogger;
  readonly limits?: Partial<ReceiverLimits>;
  /** For tests. */
  readonly delivery?: Pick<DeliveryWorkerOptions, 'lease' | 'retryDelayMs' | 'now'> &
    Pick<SendOptions, 'ca' | 'lookup' | 'timeoutMs'>;
}

export interface RunningService {
  readonly port: number;
  /** Resolves when the projections have a live holder that has caught up. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/** The webhooks context: its gRPC server, its projection and, in one instance, the deliveries. */
export async function startWebhooksService(options: WebhooksServiceOptions): Promise<RunningService> {
  const { instance, logger } = options;
  const log = EventLog.connect({ url: options.eventstoreUrl });
  const mongo = connectMongo(options.mongodbUrl);
  const state = mongo.state('webhooks');
  const keys = new KeyStore(state, options.masterKey);
  const codec = webhookCodec(keys);
  const webhooks = new Webhooks(log, codec);
  const addressRules = new AddressRules(options.allowPrivate);
  const projections = new ProjectionRunner({
    context: 'webhooks',
    log,
    mongo,
    models: [webhooksModel] as unknown as readonly ReadModel[],
    instance,
    logger,
  });
  const activity = createClient(ActivityService, options.peers.activity, { token: options.token });
  const { ca, lookup, timeoutMs, ...timing } = options.delivery ?? {};
  const cachedKeys = cachedKeySource(keys);
  const worker = new DeliveryWorker({
    log,
    state,
    keys: { get: (ids) => cachedKeys.get(ids), destroy: (id) => keys.destroy(id) },
    keyIdOf: webhookStream,
    send: (call, signal) => send(call, { addressRules, ca, lookup, timeoutMs, signal }),
    async disable(webhook, delivery) {
      const at = Date.now();
      const context = { commandId: delivery, correlationId: delivery, actor: 'service:webhooks', at };
      await webhooks.run(webhook, { type: 'DisableWebhook', at, by: context.actor }, context);
    },
    instance,
    logger,
    limits: options.limits,
    ...timing,
  });
  const server = await serve({
    ...options.listen,
    services: [
      grpcHandlers({
        activity,
        webhooks,
        ids: new IdSequence(log, 'webhook'),
        queries: new Queries(projections, keys),
        deliveries: worker.store,
        addressRules,
        requested: () => worker.requested(),
      }),
      readModelsService(projections),
    ],
    verifier: options.verifier,
    logger,
  });
  projections.start();
  worker.start();
  return {
    port: server.port,
    ready: projections.ready,
    async stop() {
      await server.close();
      await Promise.all([projections.stop(), worker.stop()]);
      activity.close();
      await log.close();
      await mongo.close();
    },
  };
}
