import { describe, expect, it } from 'vitest';
import type { WebhookCommand } from './commands.ts';
import { decideWebhook } from './decide.ts';
import type { WebhookEvent, WebhookFields } from './events.ts';
import { evolveWebhook, initialWebhook } from './state.ts';

const issued = { at: 1_700_000_000_000, by: 'user:3' };
const fields: WebhookFields = {
  activity: 5,
  url: 'https://example.com/hook',
  secretToken: '123456789',
  activityEvents: true,
  timeFramesEvents: false,
};
const created: WebhookEvent = { type: 'WebhookCreated', webhookId: 9, ...fields };
const disabled: WebhookEvent = { type: 'WebhookDisabled', webhookId: 9 };
const deleted: WebhookEvent = { type: 'WebhookDeleted', webhookId: 9 };
const given = (...events: WebhookEvent[]) => events.reduce(evolveWebhook, initialWebhook);

describe('a webhook', () => {
  const create: WebhookCommand = { ...issued, type: 'CreateWebhook', webhookId: 9, fields };
  const update = (changes: Partial<WebhookFields> = {}): WebhookCommand => ({
    ...issued,
    type: 'UpdateWebhook',
    fields: { ...fields, ...changes },
  });

  it('is created with its fields, once', () => {
    expect(decideWebhook(create, given())).toEqual([created]);
    expect(decideWebhook(create, given(created))).toEqual([]);
  });

  it('refuses creation with other fields under a taken id', () => {
    const other: WebhookCommand = { ...create, fields: { ...fields, url: 'https://example.org/' } };
    expect(decideWebhook(other, given(created))).toEqual({ rejected: { code: 'webhook_exists' } });
  });

  it('records an update that changes something, and none that does not', () => {
    expect(decideWebhook(update({ timeFramesEvents: true }), given(created))).toEqual([
      { type: 'WebhookUpdated', webhookId: 9, ...fields, timeFramesEvents: true },
    ]);
    expect(decideWebhook(update(), given(created))).toEqual([]);
  });

  it('keeps its token when the masked one comes back', () => {
    expect(decideWebhook(update({ secretToken: '12*******' }), given(created))).toEqual([]);
    expect(decideWebhook(update({ secretToken: '13*******' }), given(created))).toMatchObject([
      { type: 'WebhookUpdated', secretToken: '13*******' },
    ]);
  });

  it('is disabled once and enabled by any update', () => {
    const disable: WebhookCommand = { ...issued, type: 'DisableWebhook' };
    expect(decideWebhook(disable, given(created))).toEqual([disabled]);
    expect(decideWebhook(disable, given(created, disabled))).toEqual([]);
    const enabled = decideWebhook(update(), given(created, disabled));
    expect(enabled).toEqual([{ type: 'WebhookUpdated', webhookId: 9, ...fields }]);
    expect(given(created, disabled, ...(enabled as WebhookEvent[]))).toMatchObject({ disabled: false });
  });

  it('is deleted once, and nothing happens to it afterwards', () => {
    const remove: WebhookCommand = { ...issued, type: 'DeleteWebhook' };
    expect(decideWebhook(remove, given(created))).toEqual([deleted]);
    expect(decideWebhook(remove, given(created, deleted))).toEqual([]);
    expect(decideWebhook(update(), given(created, deleted))).toEqual({
      rejected: { code: 'webhook_missing' },
    });
    expect(decideWebhook({ ...issued, type: 'DisableWebhook' }, given(created, deleted))).toEqual([]);
  });

  it('that never was cannot be deleted', () => {
    expect(decideWebhook({ ...issued, type: 'DeleteWebhook' }, given())).toEqual({
      rejected: { code: 'webhook_missing' },
    });
  });
});
