import { ActivityDeletedSchema } from '@touchline/contracts/activity/v1/events';
import { decodeMessage } from '@touchline/event-log';
import type { ReadModel } from '@touchline/read-models';
import { readWebhookEvent, webhookEventTypes } from '../event-codec.ts';

/** A webhook as lists need it. The token stays sealed: whoever shows it opens and masks it. */
export interface WebhookDocument {
  _id: number;
  activity: number;
  url: string;
  /** base64; null when there is none. */
  secret: { keyId: string; nonce: string; ciphertext: string } | null;
  activityEvents: boolean;
  timeFramesEvents: boolean;
  revision: number;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export const webhooksModel: ReadModel<WebhookDocument> = {
  name: 'webhooks',
  consumes: [...webhookEventTypes, ActivityDeletedSchema.typeName],
  indexes: [{ key: { activity: 1, _id: 1 } }],
  documentIds: (event, lookup) =>
    event.type === ActivityDeletedSchema.typeName
      ? lookup.idsWhere({ activity: decodeMessage(ActivityDeletedSchema, event).activityId })
      : [readWebhookEvent(event).webhookId],
  project(document, event, id) {
    if (event.type === ActivityDeletedSchema.typeName) return 'gone';
    const decoded = readWebhookEvent(event);
    switch (decoded.type) {
      case 'WebhookCreated':
      case 'WebhookUpdated': {
        // Gone with its activity: an update that was on its way does not bring it back.
        if (decoded.type === 'WebhookUpdated' && !document) return undefined;
        const { secret } = decoded;
        return {
          _id: id,
          activity: decoded.activity,
          url: decoded.url,
          secret: secret
            ? { keyId: secret.keyId, nonce: base64(secret.nonce), ciphertext: base64(secret.ciphertext) }
            : null,
          activityEvents: decoded.activityEvents,
          timeFramesEvents: decoded.timeFramesEvents,
          revision: event.revision,
        };
      }
      case 'WebhookDisabled':
        return document && { ...document, revision: event.revision };
      case 'WebhookDeleted':
        return 'gone';
      default:
        return decoded satisfies never;
    }
  },
};
