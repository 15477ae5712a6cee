import { randomUUID } from 'node:crypto';
import createClient, { type Client, type Middleware } from 'openapi-fetch';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { newManager, signInAdmin } from './api.ts';
import { contractOf } from './contract.ts';
import type { paths } from './gen/api-v1.ts';

const [url, credentials] = [inject('url'), inject('credentials')];
const startTime = '2024-06-01T12:00:00Z';

/** Holds the answers that a client gets to the document that it was generated from. */
const checked: Middleware = {
  async onResponse({ request, response }) {
    const contract = await contractOf(url);
    contract.check({
      method: request.method,
      path: new URL(request.url).pathname,
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      text: await response.clone().text(),
    });
  },
};

function client(baseUrl: string, token?: string): Client<paths> {
  const made = createClient<paths>({
    baseUrl,
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
  });
  made.use(checked);
  return made;
}

/** The body of a success, else the failure with what was answered. */
function bodyOf<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (data === undefined) throw new Error(`answered ${response.status}: ${JSON.stringify(error)}`);
  return data;
}

describe('a client generated from the OpenAPI document', () => {
  let manager: number;
  let api: Client<paths>;

  beforeAll(async () => {
    const { id, username, password } = await newManager(url, credentials);
    const { client_id, client_secret } = credentials;
    const token = bodyOf(
      await client(url).POST('/oauth2/token/', {
        body: { grant_type: 'password', username, password, client_id, client_secret },
        bodySerializer: (fields) => new URLSearchParams(fields as Record<string, string>).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    );
    manager = id;
    api = client(`${url}/api/v1`, token.access_token);
  });

  it('goes from the token to computed data', async () => {
    const account = bodyOf(await api.GET('/account/'));
    expect(account.manager_profile?.id).toBe(manager);

    const athlete = bodyOf(
      await api.POST('/athletes/create-managed/', {
        body: { managed_by: manager, athlete_profile: { first_name: 'Ada', last_name: 'Athlete' } },
      }),
    );
    const admin = await signInAdmin(url, credentials);
    const device = await admin.ok('POST', '/api/v1/devices/', { serial_number: `SN-${randomUUID()}` });
    const owned = bodyOf(
      await api.POST('/devices/{device}/take-ownership/', {
        params: { path: { device: device.id } },
        body: { start_time: startTime },
      }),
    );
    expect(owned.owner).toBe(manager);

    const activity = bodyOf(
      await api.POST('/activities/', {
        body: { name: 'Match', json: { sport: 'soccer' }, json_schema: 1, owner: manager },
      }),
    );
    const frame = bodyOf(
      await api.POST('/timeframes/', {
        body: {
          start_time: startTime,
          end_time: '2024-06-01T13:00:00Z',
          device: owned.id,
          activity: activity.id,
          athlete: athlete.id,
        },
      }),
    );
    const computed = bodyOf(
      await api.GET('/timeframes/{timeFrame}/computed/', { params: { path: { timeFrame: frame.id } } }),
    );
    expect(computed).toMatchObject({ first_timestamp: null, total_distance: 0 });

    const page = bodyOf(
      await api.GET('/timeframes/', { params: { query: { activity: activity.id, with_athlete: true } } }),
    );
    expect(page.results).toEqual([{ ...frame, athlete: expect.objectContaining({ id: athlete.id }) }]);
  });

  it('gets the messages of a refusal', async () => {
    const { error, response } = await api.POST('/activities/', {
      body: { name: '', json: { sport: 'soccer' }, json_schema: 1, owner: manager },
    });
    expect(response.status).toBe(400);
    expect(error).toEqual({ name: ['This field is required.'] });
  });
});
