import type { KeyLookup, StoredEvent } from '@touchline/event-log';
import type { WebhookEvent } from '@touchline/webhooks-domain';
import { describe, expect, it } from 'vitest';
import { UnknownEventError, webhookCodec } from './event-codec.ts';
import type { WebhookKeys } from './secrets.ts';

const key = new Uint8Array(32).fill(7);
let state: KeyLookup = { state: 'present', key };
const keys: WebhookKeys = {
  getOrCreate: async () => key,
  get: async (ids) => new Map(ids.map((id) => [id, state])),
};
const codec = webhookCodec(keys);
const stream = 'webhook-9';
const stored = (payload: Pick<StoredEvent, 'type' | 'data'>): StoredEvent =>
  ({ ...payload, stream }) as StoredEvent;
const fields = {
  webhookId: 9,
  activity: 5,
  url: 'https://example.com/',
  secretToken: '563456789',
  activityEvents: true,
  timeFramesEvents: false,
};
const events: WebhookEvent[] = [
  { type: 'WebhookCreated', ...fields },
  { type: 'WebhookUpdated', ...fields },
  { type: 'WebhookDisabled', webhookId: 9 },
  { type: 'WebhookDeleted', webhookId: 9 },
];

describe('an event', () => {
  it.each(events)('$type comes back as it was', async (event) => {
    state = { state: 'present', key };
    expect(await codec.decode(stored(await codec.encode(event, stream)))).toEqual(event);
  });

  it('holds no token when its key is destroyed', async () => {
    state = { state: 'destroyed' };
    const payload = await codec.encode({ type: 'WebhookCreated', ...fields }, stream);
    expect(JSON.stringify(payload)).not.toContain('563456789');
    expect(await codec.decode(stored(payload))).toMatchObject({ url: fields.url, secretToken: undefined });
  });

  it('of the first version is read for ever', async () => {
    state = { state: 'present', key };
    const data = {
      webhookId: 9,
      activity: 5,
      url: 'https://example.com/',
      secret: {
        keyId: 'webhook-9',
        nonce: 'l+YMPqKVex/hoa04',
        ciphertext: '3zXKK3Yuula2bPW8oEask1IZCQNYbk9bmRtF',
      },
      activityEvents: true,
    };
    expect(await codec.decode(stored({ type: 'webhooks.v1.WebhookCreated', data }))).toEqual({
      type: 'WebhookCreated',
      ...fields,
    });
  });

  it('of another context is refused', async () => {
    const foreign = { type: 'activity.v1.ActivityCreated', data: {} };
    await expect(codec.decode(stored(foreign))).rejects.toThrow(UnknownEventError);
  });
});
