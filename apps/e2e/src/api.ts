import { randomUUID } from 'node:crypto';
import { contractOf } from './contract.ts';
import type { Credentials } from './system.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // What a test expects of a body it says itself.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly raw?: string;
  readonly redirect?: 'manual' | 'follow';
}

/**
 * A caller of the public API. Paths below the root; nothing is retried. An answer that the OpenAPI document of the
 * system does not declare fails the test.
 */
export class Api {
  readonly url: string;
  readonly token: string | undefined;

  constructor(url: string, token?: string) {
    this.url = url;
    this.token = token;
  }

  async call(
    method: string,
    path: string,
    { body, headers, raw, redirect = 'manual' }: CallOptions = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect,
      headers: {
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(raw !== undefined && { body: raw }),
    });
    const text = await response.text();
    const contract = await contractOf(this.url);
    contract.check({
      method,
      path: new URL(response.url).pathname,
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      text,
    });
    const json = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      body: json && text !== '' ? JSON.parse(text) : text,
    };
  }

  /** The body of a success. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see Answer
  async ok(method: string, path: string, body?: unknown): Promise<any> {
    const answer = await this.call(method, path, body === undefined ? {} : { body });
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

export async function signIn(
  url: string,
  credentials: Credentials,
  username: string,
  password: string,
): Promise<Api> {
  const { status, body } = await new Api(url).call('POST', '/oauth2/token/', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    raw: new URLSearchParams({
      grant_type: 'password',
      username,
      password,
      client_id: credentials.client_id,
      client_secret: credentials.client_secret,
    }).toString(),
  });
  if (status !== 200) throw new Error(`sign-in answered ${status}: ${JSON.stringify(body)}`);
  return new Api(url, (body as { access_token: string }).access_token);
}

export const signInAdmin = (url: string, credentials: Credentials): Promise<Api> =>
  signIn(url, credentials, credentials.admin_username, credentials.admin_password);

export interface Manager {
  readonly id: number;
  readonly username: string;
  readonly password: string;
  readonly api: Api;
}

/** A new manager who may create managed athletes. */
export async function newManager(url: string, credentials: Credentials): Promise<Manager> {
  const run = randomUUID();
  const username = `manager-${run}`;
  const password = `password-of-${run}`;
  const { id } = await new Api(url).ok('POST', '/api/v1/managers/', {
    username,
    email: `${run}@example.com`,
    password,
    manager_profile: { first_name: 'Maria', last_name: 'Manager' },
  });
  const admin = await signInAdmin(url, credentials);
  await admin.ok('PUT', `/api/v1/managers/${id}/extra-permissions/`, {
    extra_permissions: ['can_create_managed_athletes'],
  });
  return { id, username, password, api: await signIn(url, credentials, username, password) };
}

export interface Bench {
  readonly manager: Manager;
  readonly athlete: number;
  readonly device: number;
  readonly ingestToken: string;
  readonly activity: number;
}

/** A manager with an athlete, a device that he owns from `ownedFrom` on, and an activity. */
export async function newBench(
  url: string,
  credentials: Credentials,
  options: { ownedFrom: string; jsonSchema?: number; sport?: string; birthDate?: string | null },
): Promise<Bench> {
  const { ownedFrom, jsonSchema = 1, sport = 'soccer', birthDate } = options;
  const manager = await newManager(url, credentials);
  const admin = await signInAdmin(url, credentials);
  const athlete = await manager.api.ok('POST', '/api/v1/athletes/create-managed/', {
    managed_by: manager.id,
    athlete_profile: { first_name: 'Ada', last_name: 'Athlete', ...(birthDate && { birth_date: birthDate }) },
  });
  const device = await admin.ok('POST', '/api/v1/devices/', { serial_number: `SN-${randomUUID()}` });
  await manager.api.ok('POST', `/api/v1/devices/${device.id}/take-ownership/`, { start_time: ownedFrom });
  const activity = await manager.api.ok('POST', '/api/v1/activities/', {
    name: 'Match',
    json: { sport },
    json_schema: jsonSchema,
    owner: manager.id,
  });
  return {
    manager,
    athlete: athlete.id,
    device: device.id,
    ingestToken: device.ingest_token,
    activity: activity.id,
  };
}

/** The computed data once everything acknowledged before is in it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see Answer
export async function upToDate(api: Api, timeFrame: number): Promise<any> {
  for (;;) {
    const document = await api.ok('GET', `/api/v1/timeframes/${timeFrame}/computed/`);
    if (document.extensions.status === 'up-to-date') return document;
  }
}
