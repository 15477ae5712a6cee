import { WebhookSchema } from '@touchline/contracts/webhooks/v1/service';
import { decodeMessage } from '@touchline/event-log';
import { type Engines, startEngines } from '@touchline/testing/engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, owner, TestSystem } from './testing/system.ts';

let engines: Engines;
let system: TestSystem;
const fields = {
  url: 'https://hook.example.com/touchline',
  secretToken: '563456789',
  activityEvents: true,
  timeFramesEvents: false,
};

beforeAll(async () => {
  engines = await startEngines();
  system = new TestSystem(engines);
  await system.start({ allowPrivate: [] });
});
afterAll(async () => {
  await system.close();
  await engines.close();
});

const listed = async (activity: number) => {
  const found = [];
  for await (const { count, rows } of system.client.listWebhooks({ activity }, system.calling))
    found.push(count, ...rows.map((data) => decodeMessage(WebhookSchema, { data })));
  return found;
};

describe('a webhook', () => {
  it('shows its token in clear to whoever creates it, and masked afterwards', async () => {
    const activity = system.newActivity();
    const { message, written } = await system.client.createWebhook({ activity, ...fields }, system.calling);
    const { id } = message.webhook ?? { id: 0 };
    expect(message.webhook).toMatchObject({ activity, ...fields });
    expect(written.map(({ eventType }) => eventType)).toEqual(['webhooks.v1.WebhookCreated']);
    const masked = { id, ...fields, secretToken: '56*******' };
    const got = await system.client.getWebhook({ activity, webhook: id }, system.calling);
    expect(got.message.webhook).toMatchObject(masked);

    const update = { activity, webhook: id, ...masked, timeFramesEvents: true };
    const updated = await system.client.updateWebhook(update, system.calling);
    expect(updated.message.webhook).toMatchObject({ ...masked, timeFramesEvents: true });
    await expect.poll(() => listed(activity)).toMatchObject([1, { ...masked, timeFramesEvents: true }]);

    const stale = { status: 'precondition' };
    await expect(
      system.client.updateWebhook({ ...update, ifRevision: 0 }, system.calling),
    ).rejects.toMatchObject(stale);
    const deletion = { activity, webhook: id };
    await expect(
      system.client.deleteWebhook({ ...deletion, ifRevision: 0 }, system.calling),
    ).rejects.toMatchObject(stale);
    await system.client.deleteWebhook({ ...deletion, ifRevision: 1 }, system.calling);
    await expect(system.client.getWebhook({ activity, webhook: id }, system.calling)).rejects.toMatchObject({
      status: 'not_found',
    });
    await expect.poll(() => listed(activity)).toEqual([0]);
  });

  it('leaves no token in the log that could be read', async () => {
    const activity = system.newActivity();
    const { message } = await system.client.createWebhook(
      { activity, ...fields, secretToken: 'tell-nobody' },
      system.calling,
    );
    for await (const { data } of system.log.read(`webhook-${message.webhook?.id}`)) {
      expect(JSON.stringify(data)).not.toContain('tell-nobody');
      expect(JSON.stringify(data)).not.toContain(Buffer.from('tell-nobody').toString('base64'));
    }
  });

  it('says everything that is wrong with its fields at once', async () => {
    const activity = system.newActivity();
    const create = (wanted: object, fieldErrors = {}) =>
      system.client.createWebhook({ activity, ...wanted }, { ...system.calling, fieldErrors });
    const required = ['This field is required.'];
    await expect(create({}, { activity_events: ['Must be a valid boolean.'] })).rejects.toMatchObject({
      status: 'invalid',
      fields: {
        webhook_url: required,
        secret_token: required,
        activity_events: ['Must be a valid boolean.'],
        timeframes_events: required,
      },
    });
    await expect(
      create({ ...fields, url: 'http://127.0.0.1/', secretToken: 'x'.repeat(101) }),
    ).rejects.toMatchObject({
      fields: {
        webhook_url: ['The URL must lead to a public address.'],
        secret_token: ['Ensure this field has no more than 100 characters.'],
      },
    });
    await expect(create({ ...fields, secretToken: 'a\r\nX-Evil: 1' })).rejects.toMatchObject({
      fields: { secret_token: ['Control characters are not allowed.'] },
    });
  });

  it('is 404 for whoever names what is not there, and 403 for another manager', async () => {
    const activity = system.newActivity();
    const { message } = await system.client.createWebhook({ activity, ...fields }, system.calling);
    const webhook = message.webhook?.id ?? 0;
    const stranger = { token: await system.tokenOf(owner + 1) };
    const admin = { token: await system.tokenOf(1, 'ADMIN') };
    const { client } = system;
    const unknown = { status: 'not_found' };
    await expect(client.createWebhook({ activity: newId() }, stranger)).rejects.toMatchObject(unknown);
    await expect(client.getWebhook({ activity, webhook: newId() }, stranger)).rejects.toMatchObject(unknown);
    const elsewhere = { activity: system.newActivity(), webhook };
    await expect(client.getWebhook(elsewhere, system.calling)).rejects.toMatchObject(unknown);
    await expect(client.redeliver({ activity, webhook, delivery: 1 }, stranger)).rejects.toMatchObject(
      unknown,
    );
    const forbidden = { status: 'forbidden' };
    await expect(client.createWebhook({ activity }, stranger)).rejects.toMatchObject(forbidden);
    await expect(client.getWebhook({ activity, webhook }, stranger)).rejects.toMatchObject(forbidden);
    await expect(client.updateWebhook({ activity, webhook }, stranger)).rejects.toMatchObject(forbidden);
    await expect(client.deleteWebhook({ activity, webhook }, stranger)).rejects.toMatchObject(forbidden);
    await expect(client.testWebhook({ activity, webhook }, stranger)).rejects.toMatchObject(forbidden);
    expect((await client.getWebhook({ activity, webhook }, admin)).message.webhook?.id).toBe(webhook);
  });
});
