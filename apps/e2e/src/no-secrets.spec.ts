import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Api, signIn, signInAdmin } from './api.ts';
import { CallbackReceiver } from './receiver.ts';
import { newDataDir, removeDataDir, type RunningSystem, startSystem } from './system.ts';

const dataDir = newDataDir();
const receiver = new CallbackReceiver();
let system: RunningSystem;

beforeAll(async () => {
  await receiver.start();
  system = await startSystem(dataDir, { LOG_LEVEL: 'trace' });
});
afterAll(async () => {
  await system.stop();
  await receiver.stop();
  removeDataDir(dataDir);
});

/** What must be found nowhere, by what it is. */
const markers = new Map<string, string>();
function marked(what: string, form: (random: string) => string = (random) => `Mark${random}`): string {
  const marker = form(randomUUID().replaceAll('-', ''));
  markers.set(what, marker);
  return marker;
}

/** The names of the markers that lie in some bytes as text, as base64, or as the words of a URL. */
function foundIn(bytes: Buffer): string[] {
  return [...markers]
    .filter(([, marker]) => {
      const forms = [marker, encodeURIComponent(marker), Buffer.from(marker).toString('base64').slice(0, -4)];
      return forms.some((form) => bytes.includes(form));
    })
    .map(([what]) => what);
}

const bytesBelow = (folder: string, wanted: (name: string) => boolean): Buffer =>
  Buffer.concat(
    readdirSync(folder)
      .filter(wanted)
      .map((name) => readFileSync(path.join(folder, name))),
  );

async function token(form: Record<string, string>) {
  const { client_id, client_secret } = system.credentials;
  return new Api(system.url).call('POST', '/oauth2/token/', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    raw: new URLSearchParams({ client_id, client_secret, ...form }).toString(),
  });
}

it('writes no secret and nothing personal into its logs, nor in clear into the event log', async () => {
  const { url, credentials } = system;
  const anyone = new Api(url);
  for (const [what, secret] of Object.entries(credentials)) {
    if (what === 'admin_password' || what === 'client_secret') markers.set(what, secret);
  }
  const admin = await signInAdmin(url, credentials);
  markers.set("the ADMIN's access token", admin.token ?? '');
  const email = (random: string): string => `${random}@example.com`;

  // Accounts, and what goes wrong with them.
  const [username, password] = [marked("a manager's username"), marked('a password')];
  const account = {
    username,
    password,
    email: marked('an e-mail', email),
    external_id: marked('an external id'),
    manager_profile: {
      first_name: marked('a first name'),
      last_name: marked('a last name'),
      company: marked('a company'),
      phone_number: marked('a phone number', (random) => `+41 ${random}`),
    },
  };
  const { id } = await anyone.ok('POST', '/api/v1/managers/', account);
  expect((await anyone.call('POST', '/api/v1/managers/', { body: account })).status).toBe(400);
  const broken = JSON.stringify({ password: marked('a password in broken JSON') }).slice(0, -1);
  const json = { 'content-type': 'application/json' };
  expect((await anyone.call('POST', '/api/v1/managers/', { raw: broken, headers: json })).status).toBe(400);
  const wrong = marked('a wrong password');
  expect((await token({ grant_type: 'password', username, password: wrong })).status).toBe(400);
  const given = await token({ grant_type: 'password', username, password });
  markers.set('an access token', given.body.access_token);
  markers.set('a refresh token', given.body.refresh_token);
  const refreshed = await token({ grant_type: 'refresh_token', refresh_token: given.body.refresh_token });
  markers.set('a refreshed token', refreshed.body.refresh_token);
  expect((await token({ grant_type: 'refresh_token', refresh_token: marked('no token') })).status).toBe(400);
  expect((await new Api(url, marked('a forged token')).call('GET', '/api/v1/account/')).status).toBe(401);
  await admin.ok('PUT', `/api/v1/managers/${id}/extra-permissions/`, {
    extra_permissions: ['can_create_managed_athletes'],
  });
  const manager = await signIn(url, credentials, username, password);
  const athlete = await manager.ok('POST', '/api/v1/athletes/create-managed/', {
    managed_by: id,
    external_id: marked("an athlete's external id"),
    athlete_profile: {
      first_name: marked("an athlete's first name"),
      last_name: marked("an athlete's last name"),
      birth_date: '1987-03-19',
      nationality: marked('a nationality'),
    },
  });
  markers.set('a birth date', '1987-03-19');
  const searched = encodeURIComponent(marked('what was searched'));
  await manager.ok('GET', `/api/v1/athletes/?search=${searched}&last_name=${searched}`);
  const unknown = marked('an unknown external id');
  expect((await manager.call('GET', `/api/v1/athletes/by-external-id/${unknown}/`)).status).toBe(404);
  expect((await manager.call('GET', `/api/v1/${marked('an unknown path')}/`)).status).toBe(404);
  await manager.call('PUT', `/api/v1/managers/${id}/`, {
    body: account,
    headers: { 'idempotency-key': marked('an Idempotency-Key') },
  });

  // A device with its samples, an activity with a webhook whose receiver fails.
  const device = await admin.ok('POST', '/api/v1/devices/', { serial_number: `SN-${randomUUID()}` });
  markers.set('an ingest token', device.ingest_token);
  const start = '2024-08-01T12:00:00Z';
  await manager.ok('POST', `/api/v1/devices/${device.id}/take-ownership/`, { start_time: start });
  const activity = await manager.ok('POST', '/api/v1/activities/', {
    name: 'Match',
    json: { sport: 'soccer' },
    json_schema: 1,
    owner: id,
  });
  receiver.status = () => 500;
  await manager.ok('POST', `/api/v1/activities/${activity.id}/webhooks/`, {
    webhook_url: receiver.url('/failing'),
    secret_token: marked("a webhook's secret"),
    activity_events: true,
    timeframes_events: true,
  });
  await manager.ok('POST', '/api/v1/timeframes/', {
    start_time: start,
    end_time: '2024-08-01T13:00:00Z',
    device: device.id,
    activity: activity.id,
    athlete: athlete.id,
  });
  const latitude = 46.123456789;
  const gnss = { timestamp: [Date.parse(start)], latitude: [latitude], longitude: [7], speed: [1] };
  await new Api(url, device.ingest_token).ok('POST', `/api/v1/devices/${device.id}/preprocessed/`, {
    gnss: { ...gnss, altitude: [null] },
  });
  markers.set('a position', String(latitude));
  const frame = { gnss: { ...gnss, altitude: [marked('a cell that is no number')] } };
  await new Api(url, device.ingest_token).call('POST', `/api/v1/devices/${device.id}/preprocessed/`, {
    body: [frame],
  });
  await receiver.until('/failing', 1);

  const eventLog = bytesBelow(dataDir, (name) => name.startsWith('log.sqlite'));
  const logs = bytesBelow(path.join(dataDir, 'logs'), () => true);
  const said = Buffer.from(system.said());
  // What is looked through is what was written: ids and types are there.
  expect(eventLog.includes('activity.v1.ActivityCreated')).toBe(true);
  expect(logs.includes('createManager')).toBe(true);
  expect({
    'the event log': foundIn(eventLog),
    'the logs of the processes': foundIn(logs),
    'what the start command says': foundIn(said),
  }).toEqual({
    'the event log': [],
    'the logs of the processes': [],
    'what the start command says': [],
  });
  const latitudeBytes = Buffer.from(Float64Array.of(latitude).buffer);
  expect(eventLog.includes(latitudeBytes)).toBe(false);
});
