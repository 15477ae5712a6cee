import { randomUUID } from 'node:crypto';
import type { ActivityService } from '@touchline/contracts/activity/v1/service';
import { DeliverySchema, WebhookSchema, WebhooksService } from '@touchline/contracts/webhooks/v1/service';
import { encodeBinaryMessage, type IdSequence } from '@touchline/event-log';
import { listMessages } from '@touchline/read-models';
import { type CallContext, type Client, FieldErrors, implement } from '@touchline/rpc';
import { maskToken, type WebhookState } from '@touchline/webhooks-domain';
import { requireOwner } from './callers.ts';
import { pingOf } from './deliveries/delivery.ts';
import type { DeliveryStore } from './deliveries/delivery-store.ts';
import { checkedFields, type WantedWebhook } from './field-rules.ts';
import { deliveryMessage, webhookMessage } from './messages.ts';
import type { Queries } from './queries.ts';
import { notFound, requireRevision } from './rejection-status.ts';
import type { AddressRules } from './target/address-rules.ts';
import type { Webhooks } from './webhooks.ts';

export interface HandlerDependencies {
  readonly activity: Pick<Client<typeof ActivityService>, 'findActivity'>;
  readonly webhooks: Webhooks;
  readonly ids: IdSequence;
  readonly queries: Queries;
  readonly deliveries: DeliveryStore;
  readonly addressRules: AddressRules;
  /** Told that a delivery was asked for. */
  readonly requested: () => void;
}

type ActiveWebhook = Extract<WebhookState, { status: 'active' }>;

export function grpcHandlers(dependencies: HandlerDependencies) {
  const { activity, webhooks, ids, queries, deliveries, addressRules, requested } = dependencies;

  /** @throws RpcError `not_found` */
  async function ownerOf(id: number, context: CallContext): Promise<number> {
    const { requestId, deadlineMs, signal } = context;
    for await (const { item } of activity.findActivity({ activity: id }, { requestId, deadlineMs, signal })) {
      if (item.case === 'activity') return item.value.owner;
    }
    throw notFound();
  }

  /** The webhook that a path names: 404 for whatever is not there before 403. */
  async function named(
    request: { activity: number; webhook: number; delivery?: number },
    context: CallContext,
  ): Promise<ActiveWebhook & { revision: number }> {
    const { delivery } = request;
    const [owner, { state, revision }, isThere] = await Promise.all([
      ownerOf(request.activity, context),
      webhooks.load(request.webhook),
      delivery === undefined || deliveries.exists(request.webhook, delivery),
    ]);
    if (state.status !== 'active' || state.fields.activity !== request.activity) throw notFound();
    if (!isThere) throw notFound();
    requireOwner(context, owner);
    return { ...state, revision };
  }

  async function checked(wanted: WantedWebhook, activityId: number, context: CallContext) {
    const errors = new FieldErrors(context);
    const fields = await checkedFields(wanted, activityId, addressRules, errors);
    errors.throwIfAny();
    return fields;
  }

  return implement(WebhooksService, {
    async createWebhook(request, context) {
      requireOwner(context, await ownerOf(request.activity, context));
      const fields = await checked(request, request.activity, context);
      const id = await ids.next();
      const command = context.commandContext();
      const done = await webhooks.run(
        id,
        { type: 'CreateWebhook', webhookId: id, fields, at: command.at, by: command.actor },
        command,
      );
      context.written(done.written);
      return { webhook: webhookMessage(id, fields, fields.secretToken ?? '', done.revision) };
    },

    async *listWebhooks({ activity: activityId, options }, context) {
      requireOwner(context, await ownerOf(activityId, context));
      const { count, rows } = await queries.listWebhooks(activityId, options);
      yield* listMessages(count, rows, (webhook) => encodeBinaryMessage(WebhookSchema, webhook));
    },

    async getWebhook(request, context) {
      const { webhookId, fields, revision } = await named(request, context);
      return { webhook: webhookMessage(webhookId, fields, maskToken(fields.secretToken ?? ''), revision) };
    },

    async updateWebhook(request, context) {
      const current = await named(request, context);
      const { webhookId } = current;
      requireRevision(current.revision, request.ifRevision);
      const fields = await checked(request, request.activity, context);
      const command = context.commandContext();
      const { state, revision, written } = await webhooks.run(
        webhookId,
        { type: 'UpdateWebhook', fields, at: command.at, by: command.actor },
        command,
        request.ifRevision,
      );
      context.written(written);
      if (state.status !== 'active') throw notFound();
      const token = maskToken(state.fields.secretToken ?? '');
      return { webhook: webhookMessage(webhookId, state.fields, token, revision) };
    },

    async deleteWebhook(request, context) {
      const { webhookId, revision } = await named(request, context);
      requireRevision(revision, request.ifRevision);
      const command = context.commandContext();
      const done = await webhooks.run(
        webhookId,
        { type: 'DeleteWebhook', at: command.at, by: command.actor },
        command,
        request.ifRevision,
      );
      context.written(done.written);
      return {};
    },

    async *listDeliveries(request, context) {
      const { webhookId } = await named(request, context);
      const { options } = request;
      const page = { page: options?.page || 1, limit: options?.limit || 150 };
      const { count, rows } = await deliveries.list(webhookId, page);
      yield* listMessages(count, rows, (delivery) =>
        encodeBinaryMessage(DeliverySchema, deliveryMessage(delivery)),
      );
    },

    async redeliver(request, context) {
      const { webhookId } = await named(request, context);
      const delivery = await deliveries.repeat(webhookId, request.delivery);
      if (!delivery) throw notFound();
      await deliveries.request(delivery._id);
      requested();
      return { delivery: deliveryMessage(delivery) };
    },

    async testWebhook(request, context) {
      const { webhookId } = await named(request, context);
      const ping = pingOf(webhookId, request.activity, randomUUID(), Date.now());
      const [delivery] = await deliveries.insert([ping]);
      if (!delivery) throw new Error('A ping has the id of another delivery.');
      await deliveries.request(delivery._id);
      requested();
      return { delivery: deliveryMessage(delivery) };
    },
  });
}
