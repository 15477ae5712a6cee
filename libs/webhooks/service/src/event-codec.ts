import type { MessageShape } from '@bufbuild/protobuf';
import {
  WebhookCreatedSchema,
  WebhookDeletedSchema,
  WebhookDisabledSchema,
  WebhookUpdatedSchema,
} from '@touchline/contracts/webhooks/v1/events';
import {
  decodeMessage,
  type EncodedPayload,
  encodePayload,
  type EventCodec,
  type KeySource,
  type StoredEvent,
} from '@touchline/event-log';
import type { WebhookEvent, WebhookFields } from '@touchline/webhooks-domain';
import { openToken, sealToken, type WebhookKeys } from './secrets.ts';

export const webhookEventTypes = [
  WebhookCreatedSchema.typeName,
  WebhookUpdatedSchema.typeName,
  WebhookDisabledSchema.typeName,
  WebhookDeletedSchema.typeName,
] as const;

/** What a stored event says without its key. `sealed` is there exactly when it holds fields. */
export type SealedWebhookMessage = MessageShape<typeof WebhookCreatedSchema>['secret'];

/** Thrown for an event that a stream of this context cannot hold. */
export class UnknownEventError extends Error {
  constructor(type: string) {
    super(`${type} is no event of a webhook`);
    this.name = 'UnknownEventError';
  }
}

export function webhookCodec(keys: WebhookKeys): EventCodec<WebhookEvent> {
  return {
    encode: (event, stream) => encode(event, stream, keys),
    decode: (stored) => decode(stored, keys),
  };
}

async function encode(event: WebhookEvent, stream: string, keys: WebhookKeys): Promise<EncodedPayload> {
  const message = async (f: WebhookFields & { readonly webhookId: number }) => ({
    webhookId: f.webhookId,
    activity: f.activity,
    url: f.url,
    ...(f.secretToken !== undefined && { secret: await sealToken(f.secretToken, stream, keys) }),
    activityEvents: f.activityEvents,
    timeFramesEvents: f.timeFramesEvents,
  });
  switch (event.type) {
    case 'WebhookCreated':
      return encodePayload(WebhookCreatedSchema, await message(event));
    case 'WebhookUpdated':
      return encodePayload(WebhookUpdatedSchema, await message(event));
    case 'WebhookDisabled':
      return encodePayload(WebhookDisabledSchema, { webhookId: event.webhookId });
    case 'WebhookDeleted':
      return encodePayload(WebhookDeletedSchema, { webhookId: event.webhookId });
    default:
      return event satisfies never;
  }
}

async function decode(stored: StoredEvent, keys: KeySource): Promise<WebhookEvent> {
  const read = readWebhookEvent(stored);
  if (!('secret' in read)) return read;
  const { secret, ...event } = read;
  const secretToken = secret && (await openToken(secret, stored.stream, keys));
  return { ...event, secretToken };
}

type Unsealed<E> = E extends WebhookFields
  ? Omit<E, 'secretToken'> & { readonly secret: SealedWebhookMessage }
  : E;

/** A stored event with its token still sealed. @throws UnknownEventError */
export function readWebhookEvent(stored: Pick<StoredEvent, 'type' | 'data'>): Unsealed<WebhookEvent> {
  switch (stored.type) {
    case WebhookCreatedSchema.typeName:
      return { type: 'WebhookCreated', ...fieldsOf(decodeMessage(WebhookCreatedSchema, stored)) };
    case WebhookUpdatedSchema.typeName:
      return { type: 'WebhookUpdated', ...fieldsOf(decodeMessage(WebhookUpdatedSchema, stored)) };
    case WebhookDisabledSchema.typeName:
      return {
        type: 'WebhookDisabled',
        webhookId: decodeMessage(WebhookDisabledSchema, stored).webhookId,
      };
    case WebhookDeletedSchema.typeName:
      return { type: 'WebhookDeleted', webhookId: decodeMessage(WebhookDeletedSchema, stored).webhookId };
    default:
      throw new UnknownEventError(stored.type);
  }
}

function fieldsOf(m: MessageShape<typeof WebhookCreatedSchema> | MessageShape<typeof WebhookUpdatedSchema>) {
  return {
    webhookId: m.webhookId,
    activity: m.activity,
    url: m.url,
    secret: m.secret,
    activityEvents: m.activityEvents,
    timeFramesEvents: m.timeFramesEvents,
  };
}
