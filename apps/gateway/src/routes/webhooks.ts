import { WebhookSchema, DeliverySchema } from '@touchline/contracts/webhooks/v1/service';
import { type DeepPartial, flag, json, listReply, noContent, text } from '@touchline/http';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';
import { listOptions, readList, rowText } from '../read-list.ts';
import { present } from '../resources/present.ts';
import {
  createdWebhookExample,
  deliveryExample,
  deliveryJson,
  deliveryOutput,
  webhookExample,
  webhookInputExample,
  webhookJson,
  webhookOutput,
  webhookTag,
} from '../resources/webhook.ts';
import { there } from '../there.ts';

const deliveryText = rowText(DeliverySchema, deliveryJson);
const webhookText = rowText(WebhookSchema, webhookJson);
const common = {
  owner: 'webhooks',
  access: 'user',
  who: 'the manager who owns the activity',
  errors: [403],
} as const;
const activity = 'Activity ID';
const webhook = "Activity's webhook ID";

const webhookInput = z
  .object({
    webhook_url: text().meta({
      description: 'The callback URL: http or https, at most 200 characters, leading to a public address',
    }),
    secret_token: text().meta({
      description: 'Sent in the header X-Asi-Api-Token, and the key of the signature; at most 100 characters',
    }),
    activity_events: flag().meta({ description: 'Whether to call on activity-updated and activity-deleted' }),
    timeframes_events: flag().meta({
      description: 'Whether to call on timeframe-created, timeframe-updated and timeframe-deleted',
    }),
  })
  .meta({ id: 'WebhookRequest' });

const body = { kind: 'json', schema: webhookInput, example: webhookInputExample } as const;

function webhookMessage(given: DeepPartial<z.output<typeof webhookInput>>) {
  return {
    ...present('url', given.webhook_url),
    ...present('secretToken', given.secret_token),
    ...present('activityEvents', given.activity_events),
    ...present('timeFramesEvents', given.timeframes_events),
  };
}

const listWebhooks = defineRoute({
  ...common,
  method: 'GET',
  path: '/activities/{activity}/webhooks/',
  operationId: 'listWebhooks',
  summary: "Lists an activity's webhooks",
  params: { activity },
  list: { ordering: [] },
  responses: {
    200: { description: 'A page of webhooks', schema: webhookOutput, example: webhookExample },
  },
  async handler({ params, list }, { clients, reading }) {
    const request = { activity: params.activity, options: listOptions(list) };
    const { count, rows } = await readList(clients.webhooks.listWebhooks(request, reading), webhookText);
    return listReply(count, rows);
  },
});

const createWebhook = defineRoute({
  ...common,
  method: 'POST',
  path: '/activities/{activity}/webhooks/',
  operationId: 'createWebhook',
  summary: 'Registers a new webhook',
  params: { activity },
  body,
  responses: {
    200: {
      description: 'The webhook, its secret token in clear',
      schema: webhookOutput,
      example: createdWebhookExample,
    },
  },
  async handler({ params, body, fieldErrors }, call) {
    const request = { activity: params.activity, ...webhookMessage(body) };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.webhooks.createWebhook(request, options),
    );
    const created = there(answer.webhook);
    return json(200, webhookJson(created), webhookTag(created));
  },
});

const retrieveWebhook = defineRoute({
  ...common,
  method: 'GET',
  path: '/activities/{activity}/webhooks/{webhook}/',
  operationId: 'retrieveWebhook',
  summary: "Retrieves an activity's webhook",
  params: { activity, webhook },
  responses: { 200: { description: 'The webhook', schema: webhookOutput, example: webhookExample } },
  async handler({ params }, { clients, reading }) {
    const { message } = await clients.webhooks.getWebhook(params, reading);
    const found = there(message.webhook);
    return json(200, webhookJson(found), webhookTag(found));
  },
});

const updateWebhook = defineRoute({
  ...common,
  method: 'PUT',
  path: '/activities/{activity}/webhooks/{webhook}/',
  operationId: 'updateWebhook',
  summary: "Updates an activity's webhook",
  description: 'The masked secret token keeps the old one. A webhook that was disabled by a 410 is enabled.',
  params: { activity, webhook },
  body,
  responses: { 200: { description: 'The webhook', schema: webhookOutput, example: webhookExample } },
  async handler({ params, body, fieldErrors, ifRevision }, call) {
    const request = { ...params, ...webhookMessage(body), ...present('ifRevision', ifRevision) };
    const answer = await call.command(fieldErrors, (options) =>
      call.clients.webhooks.updateWebhook(request, options),
    );
    const updated = there(answer.webhook);
    return json(200, webhookJson(updated), webhookTag(updated));
  },
});

const deleteWebhook = defineRoute({
  ...common,
  method: 'DELETE',
  path: '/activities/{activity}/webhooks/{webhook}/',
  operationId: 'deleteWebhook',
  summary: "Deletes an activity's webhook",
  params: { activity, webhook },
  responses: { 204: { description: 'It is deleted, and nothing more is sent' } },
  async handler({ params, fieldErrors, ifRevision }, call) {
    const request = { ...params, ...present('ifRevision', ifRevision) };
    await call.command(fieldErrors, (options) => call.clients.webhooks.deleteWebhook(request, options));
    return noContent();
  },
});

const listDeliveries = defineRoute({
  ...common,
  method: 'GET',
  path: '/activities/{activity}/webhooks/{webhook}/deliveries/',
  operationId: 'listDeliveries',
  summary: "Lists a webhook's deliveries with their attempts, newest first",
  description: 'They are kept for 30 days.',
  params: { activity, webhook },
  list: { ordering: [] },
  responses: {
    200: { description: 'A page of deliveries', schema: deliveryOutput, example: deliveryExample },
  },
  async handler({ params, list }, { clients, reading }) {
    const request = { ...params, options: listOptions(list) };
    const { count, rows } = await readList(clients.webhooks.listDeliveries(request, reading), deliveryText);
    return listReply(count, rows);
  },
});

const redeliver = defineRoute({
  ...common,
  method: 'POST',
  path: '/activities/{activity}/webhooks/{webhook}/deliveries/{delivery}/redeliver/',
  operationId: 'redeliver',
  summary: 'Sends a delivery again',
  description: 'Under its old webhook-id, soon after the answer.',
  params: { activity, webhook, delivery: 'Delivery ID' },
  responses: { 202: { description: 'The delivery', schema: deliveryOutput, example: deliveryExample } },
  async handler({ params, fieldErrors }, call) {
    const answer = await call.send(fieldErrors, (options) =>
      call.clients.webhooks.redeliver(params, options),
    );
    return json(202, deliveryJson(there(answer.delivery)));
  },
});

const testWebhook = defineRoute({
  ...common,
  method: 'POST',
  path: '/activities/{activity}/webhooks/{webhook}/test/',
  operationId: 'testWebhook',
  summary: 'Sends a ping to a webhook',
  description: 'Soon after the answer, whatever the webhook has subscribed to.',
  params: { activity, webhook },
  responses: {
    202: {
      description: 'The delivery of the ping',
      schema: deliveryOutput,
      example: { ...deliveryExample, event: 'ping', data: { activity_id: 123 } },
    },
  },
  async handler({ params, fieldErrors }, call) {
    const answer = await call.send(fieldErrors, (options) =>
      call.clients.webhooks.testWebhook(params, options),
    );
    return json(202, deliveryJson(there(answer.delivery)));
  },
});

export const webhookRoutes = [
  listWebhooks,
  createWebhook,
  retrieveWebhook,
  updateWebhook,
  deleteWebhook,
  listDeliveries,
  redeliver,
  testWebhook,
];
