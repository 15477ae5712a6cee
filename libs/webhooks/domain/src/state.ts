import type { WebhookEvent, WebhookFields } from './events.ts';

export type WebhookState =
  | { readonly status: 'missing' }
  | {
      readonly status: 'active';
      readonly webhookId: number;
      readonly fields: WebhookFields;
      /** Nothing is sent until it is updated. */
      readonly disabled: boolean;
    }
  | { readonly status: 'deleted' };

export const initialWebhook: WebhookState = { status: 'missing' };

const webhookFields = (e: WebhookFields): WebhookFields => ({
  activity: e.activity,
  url: e.url,
  secretToken: e.secretToken,
  activityEvents: e.activityEvents,
  timeFramesEvents: e.timeFramesEvents,
});

export function evolveWebhook(state: WebhookState, event: WebhookEvent): WebhookState {
  switch (event.type) {
    case 'WebhookCreated':
    case 'WebhookUpdated':
      return { status: 'active', webhookId: event.webhookId, fields: webhookFields(event), disabled: false };
    case 'WebhookDisabled':
      return state.status === 'active' ? { ...state, disabled: true } : state;
    case 'WebhookDeleted':
      return { status: 'deleted' };
    default:
      return event satisfies never;
  }
}
