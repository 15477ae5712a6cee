import type { WebhookCommand } from './commands.ts';
import type { WebhookEvent, WebhookFields } from './events.ts';
import { maskToken } from './mask.ts';
import type { WebhookState } from './state.ts';

/** Why a command was refused. */
export type Rejection =
  | { readonly code: 'webhook_missing' }
  | { readonly code: 'webhook_exists' }
  /** It has changed since the revision that the caller knows. */
  | { readonly code: 'revision_passed' };

export type Decision = readonly WebhookEvent[] | { readonly rejected: Rejection };

const sameFields = (a: WebhookFields, b: WebhookFields): boolean =>
  a.activity === b.activity &&
  a.url === b.url &&
  a.secretToken === b.secretToken &&
  a.activityEvents === b.activityEvents &&
  a.timeFramesEvents === b.timeFramesEvents;

function keepingMasked(wanted: WebhookFields, current: WebhookFields): WebhookFields {
  const { secretToken } = current;
  return secretToken !== undefined && wanted.secretToken === maskToken(secretToken)
    ? { ...wanted, secretToken }
    : wanted;
}

export function decideWebhook(command: WebhookCommand, state: WebhookState): Decision {
  switch (command.type) {
    case 'CreateWebhook':
      if (state.status === 'missing') {
        return [{ type: 'WebhookCreated', webhookId: command.webhookId, ...command.fields }];
      }
      return state.status === 'active' && sameFields(state.fields, command.fields)
        ? []
        : { rejected: { code: 'webhook_exists' } };
    case 'UpdateWebhook': {
      if (state.status !== 'active') return { rejected: { code: 'webhook_missing' } };
      const fields = keepingMasked(command.fields, state.fields);
      return sameFields(state.fields, fields) && !state.disabled
        ? []
        : [{ type: 'WebhookUpdated', webhookId: state.webhookId, ...fields }];
    }
    case 'DisableWebhook':
      return state.status === 'active' && !state.disabled
        ? [{ type: 'WebhookDisabled', webhookId: state.webhookId }]
        : [];
    case 'DeleteWebhook':
      if (state.status === 'missing') return { rejected: { code: 'webhook_missing' } };
      return state.status === 'deleted' ? [] : [{ type: 'WebhookDeleted', webhookId: state.webhookId }];
    default:
      return command satisfies never;
  }
}
