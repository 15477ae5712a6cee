import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, expect, inject, it } from 'vitest';
import { Api, newBench, newManager, signIn, signInAdmin } from './api.ts';
import { contractOf } from './contract.ts';
import {
  type CallerName,
  type FuzzRequest,
  fuzzRequests,
  goodRequests,
  isPooled,
  type PooledId,
} from './fuzz-requests.ts';
import type { Known } from './fuzz-valid.ts';
import { redirectUri } from './system.ts';

const [url, credentials] = [inject('url'), inject('credentials')];
const startTime = '2024-06-01T12:00:00Z';
const requestCount = Number(process.env['TOUCHLINE_FUZZ_REQUESTS'] ?? 800);
const seed = Number(process.env['TOUCHLINE_FUZZ_SEED'] ?? 13);
/** No answer may take longer, twice in a row and the second time alone. */
const slowMs = Number(process.env['TOUCHLINE_FUZZ_SLOW_MS'] ?? 2000);
const atOnce = 4;

let apis: Readonly<Record<CallerName, Api>>;
let known: Known;
/** Ids that exist, by what they are of; those that are created meanwhile are added. */
const pools: Record<string, number[]> = {};
/** Those of soccer, of which the time frames are, more often. */
const jsonSchemas = [1, 1, 12, 12, ...Array.from({ length: 12 }, (_, i) => i + 1)];
/** Makes in the place of what was deleted something new. */
let replacements: Readonly<Record<string, () => Promise<number>>>;

beforeAll(async () => {
  const bench = await newBench(url, credentials, { ownedFrom: startTime });
  const { api, id } = bench.manager;
  const other = await newManager(url, credentials);
  const admin = await signInAdmin(url, credentials);
  const name = randomUUID();
  const names = { first_name: 'Some', last_name: 'Body' };
  const accountOf = (unique: string) => ({
    username: unique,
    email: `${unique}@example.com`,
    external_id: unique,
    password: `password-of-${unique}`,
  });
  const newPerson = (unique: string) =>
    new Api(url).ok('POST', '/api/v1/athletes/', { ...accountOf(unique), athlete_profile: names });
  const newSpareManager = (unique: string) =>
    new Api(url).ok('POST', '/api/v1/managers/', { ...accountOf(unique), manager_profile: names });
  const newManaged = (external_id: string) =>
    api.ok('POST', '/api/v1/athletes/create-managed/', {
      managed_by: id,
      external_id,
      athlete_profile: names,
    });
  const person = await newPerson(name);
  // Whom the manager and, for himself, the manager of that name are found by.
  const externalId = randomUUID();
  await newManaged(externalId);
  await api.ok('PUT', `/api/v1/managers/${id}/`, {
    ...accountOf(bench.manager.username),
    external_id: externalId,
  });
  known = {
    client: { client_id: credentials.client_id, client_secret: credentials.client_secret },
    redirectUri,
    username: credentials.admin_username,
    password: credentials.admin_password,
    externalId,
  };
  const athlete = await signIn(url, credentials, name, `password-of-${name}`);
  const grants = `/api/v1/athletes/${person.id}/permissions/${id}/`;
  const grant = (permission: string) => athlete.ok('POST', grants, { permission, start_time: startTime });
  const granted = [await grant('READ'), await grant('WRITE'), await grant('SHARE')];
  const created = async (path: string, body: unknown): Promise<number> =>
    (await api.ok('POST', `/api/v1${path}`, body)).id;
  let ofManager = bench.activity;
  replacements = {
    activity: async () => {
      const body = { name: 'Match', json: { sport: 'soccer' }, json_schema: 1, owner: id };
      return (ofManager = await created('/activities/', body));
    },
    timeFrame: () =>
      created('/timeframes/', {
        start_time: startTime,
        end_time: '2024-06-01T13:00:00Z',
        device: bench.device,
        activity: ofManager,
        athlete: bench.athlete,
      }),
    webhook: () =>
      created(`/activities/${ofManager}/webhooks/`, {
        webhook_url: 'https://example.com/hook',
        secret_token: 'a secret of the fuzz',
        activity_events: true,
        timeframes_events: true,
      }),
    spareAthlete: async () => (await newPerson(randomUUID())).id,
    spareManager: async () => (await newSpareManager(randomUUID())).id,
    spareManaged: async () => (await newManaged(randomUUID())).id,
  };
  const spare = await admin.ok('POST', '/api/v1/devices/', { serial_number: `SN-${randomUUID()}` });
  Object.assign(pools, {
    athlete: [bench.athlete, person.id],
    manager: [id, other.id],
    device: [bench.device],
    spareDevice: [spare.id],
    activity: [bench.activity],
    timeFrame: [await replacements['timeFrame']?.()],
    webhook: [await replacements['webhook']?.()],
    permission: granted.map((permission) => permission.id),
    delivery: [1],
    spareAthlete: [await replacements['spareAthlete']?.()],
    spareManager: [await replacements['spareManager']?.()],
    spareManaged: [await replacements['spareManaged']?.()],
    jsonSchema: jsonSchemas,
  });
  apis = {
    manager: api,
    other: other.api,
    athlete,
    admin,
    device: new Api(url, bench.ingestToken),
    forged: new Api(url, 'not.a.token'),
    nobody: new Api(url),
  };
});

const idOf = ({ pool, pick }: PooledId): number => pools[pool]?.at(pick % pools[pool].length) ?? 1;
const textOf = (value: string | PooledId): string => (isPooled(value) ? String(idOf(value)) : value);

function withIds(value: unknown): unknown {
  if (isPooled(value)) return idOf(value);
  if (Array.isArray(value)) return value.map(withIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withIds(member)]));
}

const createdIn: Readonly<Record<string, string>> = {
  '/activities/': 'activity',
  '/timeframes/': 'timeFrame',
  '/athletes/create-managed/': 'athlete',
  '/activities/{activity}/webhooks/': 'webhook',
  '/athletes/{athlete}/permissions/{manager}/': 'permission',
  '/activities/{activity}/webhooks/{webhook}/test/': 'delivery',
};

/** What goes when a resource is deleted. */
const deletedBy: Readonly<Record<string, readonly string[]>> = {
  '/activities/{activity}/': ['activity', 'timeFrame', 'webhook'],
  '/timeframes/{timeFrame}/': ['timeFrame'],
  '/activities/{activity}/webhooks/{webhook}/': ['webhook'],
  '/athletes/{athlete}/': ['spareAthlete'],
  '/athletes/{athlete}/delete-managed/': ['spareManaged'],
  '/managers/{manager}/': ['spareManager'],
};

async function replace(template: string): Promise<void> {
  for (const name of deletedBy[template] ?? []) {
    // A request under way may have changed what it rests on; the next deletion tries again.
    const id = await replacements[name]?.().catch(() => undefined);
    // What was deleted stays in the pool for a while.
    if (id !== undefined) pools[name] = [...(pools[name] ?? []).slice(-2), id];
  }
}

interface Sent {
  readonly status: number;
  readonly durationMs: number;
  readonly shown: string;
  readonly problem: string | undefined;
}

async function send({
  caller,
  base,
  method,
  template,
  params,
  query,
  headers,
  body,
}: FuzzRequest): Promise<Sent> {
  const api = apis[caller];
  const place = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(textOf(params[name] ?? '').toWellFormed()),
  );
  const asked = new URLSearchParams(query.map(([name, value]): [string, string] => [name, textOf(value)]));
  const path = `${base}${place}${query.length > 0 ? `?${asked.toString()}` : ''}`;
  const isForm = template.startsWith('/oauth2/');
  const raw =
    body === undefined ? undefined : 'text' in body ? body.text : JSON.stringify(withIds(body.json));
  const canHaveBody = method !== 'GET' && raw !== undefined;
  const shown = `as ${caller}: ${method} ${path} ${JSON.stringify(headers)} ${raw?.slice(0, 1000) ?? ''}`;
  const started = performance.now();
  let status = 0;
  let problem: string | undefined;
  try {
    const answer = await api.call(method, path, {
      headers: {
        'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
        ...headers,
      },
      ...(canHaveBody && { raw }),
    });
    status = answer.status;
    if (status >= 500) problem = `answered ${status}`;
    const pool = createdIn[template];
    if (pool && method === 'POST' && status < 300) pools[pool]?.push(answer.body.id);
  } catch (error) {
    problem = String(error);
  }
  return { status, durationMs: performance.now() - started, shown, problem };
}

it('answers a good request of every operation with success', async () => {
  const { document } = await contractOf(url);
  const failed: string[] = [];
  for (const { operationId, request } of goodRequests(document, known, seed)) {
    const { status, shown, problem } = await send(request);
    if (request.method === 'DELETE' && status === 204) await replace(request.template);
    if (problem !== undefined || status < 200 || status >= 400)
      failed.push(`${operationId} answered ${status} ${problem ?? ''}\n  ${shown}`);
  }
  expect(failed).toEqual([]);
});

it(`answers each of ${requestCount} requests as the document declares, without an error of its own, and soon`, async () => {
  const { document } = await contractOf(url);
  const requests = fc.sample(fuzzRequests(document, known), { numRuns: requestCount, seed });
  const problems: string[] = [];
  const statuses = new Map<number, number>();
  const slow: FuzzRequest[] = [];
  let slowestMs = 0;
  for (let i = 0; i < requests.length; i += atOnce) {
    const batch = requests.slice(i, i + atOnce);
    const sent = await Promise.all(batch.map(send));
    for (const [j, { status, durationMs, shown, problem }] of sent.entries()) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      slowestMs = Math.max(slowestMs, durationMs);
      const request = batch[j];
      if (request?.method === 'DELETE' && status === 204) await replace(request.template);
      if (problem !== undefined) problems.push(`${problem}\n  ${shown}`);
      else if (durationMs > slowMs && request) slow.push(request);
    }
  }
  for (const request of slow) {
    const again = await send(request);
    if (again.durationMs > slowMs) problems.push(`took ${Math.round(again.durationMs)} ms\n  ${again.shown}`);
  }
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  const inClass = (hundred: number) =>
    [...statuses].reduce(
      (sum, [status, count]) => sum + (Math.floor(status / 100) === hundred ? count : 0),
      0,
    );
  const classes = [2, 3, 4, 5].map((hundred) => `${hundred}xx: ${inClass(hundred)}`);
  process.stderr.write(
    `fuzz: seed ${seed}, ${requests.length} requests, slowest ${Math.round(slowestMs)} ms, ${classes.join(', ')} (${counts.join(', ')})\n`,
  );
  expect(problems, `seed ${seed}`).toEqual([]);
  // A fuzz that is only refused finds nothing.
  expect(inClass(2)).toBeGreaterThan(requestCount / 4);
}, 1_800_000);
