import { randomUUID } from 'node:crypto';
import { Api, type Bench, newBench, newManager, signIn, signInAdmin, upToDate } from './api.ts';
import { CallbackReceiver } from './receiver.ts';
import type { Credentials } from './system.ts';

/** Every type of event that `writeHistory` leaves in the log. */
export const historyTypes: readonly string[] = [
  'activity.v1.ActivityCreated',
  'activity.v1.ActivityDeleted',
  'activity.v1.ActivityUpdated',
  'activity.v1.TimeFrameCreated',
  'activity.v1.TimeFrameDeleted',
  'activity.v1.TimeFrameUpdated',
  'activity.v1.WearingReleased',
  'activity.v1.WearingReserved',
  'identity.v1.AccountChanged',
  'identity.v1.AdminCreated',
  'identity.v1.AthleteCreated',
  'identity.v1.AthleteDeleted',
  'identity.v1.AthleteProfileChanged',
  'identity.v1.ExtraPermissionsSet',
  'identity.v1.ManagerCreated',
  'identity.v1.ManagerDeleted',
  'identity.v1.ManagerProfileChanged',
  'identity.v1.PasswordChanged',
  'log.v1.IdBlockReserved',
  'log.v1.NameReleased',
  'log.v1.NameReserved',
  'permission.v1.PermissionGranted',
  'permission.v1.PermissionsRevoked',
  'telemetry.v1.DayErased',
  'telemetry.v1.DeviceRegistered',
  'telemetry.v1.DeviceRenamed',
  'telemetry.v1.FramesIngested',
  'telemetry.v1.IngestTokenRotated',
  'telemetry.v1.OwnershipReleased',
  'telemetry.v1.OwnershipTaken',
  'webhooks.v1.WebhookCreated',
  'webhooks.v1.WebhookDeleted',
  'webhooks.v1.WebhookDisabled',
  'webhooks.v1.WebhookUpdated',
];

const KICK_OFF_MS = Date.UTC(2024, 4, 4, 13, 0, 0);
const iso = (ms: number): string => new Date(ms).toISOString();

/** One-second frames with GNSS and heart rate, from a start on. */
export function framesFrom(startMs: number, seconds: number): unknown[] {
  return Array.from({ length: seconds }, (_, second) => {
    const startedMs = startMs + second * 1000;
    const times = [0, 200, 400, 600, 800].map((offsetMs) => startedMs + offsetMs);
    return {
      gnss: {
        timestamp: times,
        latitude: times.map((_t, i) => 47.2 + (second * 5 + i) * 1e-5),
        longitude: times.map(() => 8.5),
        speed: times.map((_t, i) => 4 + Math.sin(second + i / 5)),
        altitude: times.map(() => 400),
      },
      ecg: { timestamp: [startedMs], hr: [120 + (second % 40)] },
    };
  });
}

const frame = (bench: Bench, startMs: number, endMs: number) => ({
  start_time: iso(startMs),
  end_time: iso(endMs),
  device: bench.device,
  activity: bench.activity,
  athlete: bench.athlete,
});

/**
 * Does everything that can be done through the API at least once, so that the log comes to hold every type of event.
 *
 * @returns waits until the computed data are up to date
 */
export async function writeHistory(url: string, credentials: Credentials): Promise<() => Promise<void>> {
  const admin = await signInAdmin(url, credentials);
  const bench = await newBench(url, credentials, { ownedFrom: iso(KICK_OFF_MS), birthDate: '1990-04-01' });
  const { api } = bench.manager;
  const kept = await api.ok('POST', '/api/v1/timeframes/', frame(bench, KICK_OFF_MS, KICK_OFF_MS + 60_000));
  const doomed = await api.ok(
    'POST',
    '/api/v1/timeframes/',
    frame(bench, KICK_OFF_MS + 120_000, KICK_OFF_MS + 180_000),
  );
  const device = new Api(url, bench.ingestToken);
  const ingest = (startMs: number, seconds: number) =>
    device.ok('POST', `/api/v1/devices/${bench.device}/preprocessed/`, framesFrom(startMs, seconds));
  await ingest(KICK_OFF_MS - 10_000, 100);
  await ingest(KICK_OFF_MS + 120_000, 60);
  await api.ok('PUT', `/api/v1/timeframes/${kept.id}/`, frame(bench, KICK_OFF_MS, KICK_OFF_MS + 90_000));
  await ingest(KICK_OFF_MS + 90_000, 30);
  await api.ok('DELETE', `/api/v1/timeframes/${doomed.id}/`);
  const activity = { name: 'Training', json: { sport: 'soccer' }, json_schema: 1, owner: bench.manager.id };
  await api.ok('PUT', `/api/v1/activities/${bench.activity}/`, activity);
  const other = await api.ok('POST', '/api/v1/activities/', { ...activity, name: 'Never played' });
  await api.ok('POST', '/api/v1/timeframes/', {
    ...frame(bench, KICK_OFF_MS + 300_000, KICK_OFF_MS + 330_000),
    activity: other.id,
  });
  await api.ok('DELETE', `/api/v1/activities/${other.id}/`);
  const gone = await api.ok('POST', '/api/v1/athletes/create-managed/', {
    managed_by: bench.manager.id,
    athlete_profile: { first_name: 'Gina', last_name: 'Gone' },
  });
  const erased = await api.ok('POST', '/api/v1/timeframes/', {
    ...frame(bench, KICK_OFF_MS + 100_000, KICK_OFF_MS + 110_000),
    athlete: gone.id,
  });
  await api.ok('DELETE', `/api/v1/athletes/${gone.id}/delete-managed/`);
  await changeDevice(admin, bench);
  await changePeople(url, credentials, admin, bench);
  await changeWebhooks(bench);
  return async () => {
    for (const { id } of [kept, erased]) await upToDate(admin, id);
  };
}

async function changeDevice(admin: Api, bench: Bench): Promise<void> {
  const { api } = bench.manager;
  await api.ok('PUT', `/api/v1/devices/${bench.device}/set-custom-name/`, { custom_name: 'Keeper' });
  await admin.ok('POST', `/api/v1/devices/${bench.device}/rotate-ingest-token/`);
  const spare = await admin.ok('POST', '/api/v1/devices/', { serial_number: `SPARE-${randomUUID()}` });
  await api.ok('POST', `/api/v1/devices/${spare.id}/take-ownership/`, { start_time: iso(KICK_OFF_MS) });
  await api.ok('POST', `/api/v1/devices/${spare.id}/release-ownership/`, {});
}

async function changePeople(
  url: string,
  credentials: Credentials,
  admin: Api,
  { athlete }: Bench,
): Promise<void> {
  const second = await newManager(url, credentials);
  for (const permission of ['READ', 'WRITE'])
    await admin.ok('POST', `/api/v1/athletes/${athlete}/permissions/${second.id}/`, { permission });
  await admin.ok('DELETE', `/api/v1/athletes/${athlete}/permissions/${second.id}/`);
  const run = randomUUID();
  const account = { username: `athlete-${run}`, email: `${run}@example.com` };
  const profile = { first_name: 'Ona', last_name: 'Own', birth_date: '2001-02-03' };
  const password = `password-of-${run}`;
  const { id } = await new Api(url).ok('POST', '/api/v1/athletes/', {
    ...account,
    password,
    athlete_profile: profile,
  });
  const own = await signIn(url, credentials, account.username, password);
  await own.ok('PUT', `/api/v1/athletes/${id}/`, {
    ...account,
    username: `renamed-${run}`,
    athlete_profile: { ...profile, weight: 70 },
  });
  await own.ok('PUT', `/api/v1/athletes/${id}/change-password/`, { password: `new-${password}` });
  await second.api.ok('PUT', `/api/v1/managers/${second.id}/`, {
    username: second.username,
    email: `changed-${run}@example.com`,
    manager_profile: { first_name: 'Mara', last_name: 'Manager' },
  });
  await second.api.ok('DELETE', `/api/v1/managers/${second.id}/`);
}

/** Webhooks that are created, changed, deleted, and disabled since their receiver is gone. */
async function changeWebhooks({ manager: { api }, activity }: Bench): Promise<void> {
  const receiver = await new CallbackReceiver().start();
  receiver.status = () => 410;
  const webhooks = `/api/v1/activities/${activity}/webhooks/`;
  const webhook = (path: string) => ({
    webhook_url: receiver.url(path),
    secret_token: `secret-of-${path}`,
    activity_events: true,
    timeframes_events: true,
  });
  const doomed = await api.ok('POST', webhooks, webhook('/doomed'));
  await api.ok('PUT', `${webhooks}${doomed.id}/`, webhook('/changed'));
  await api.ok('DELETE', `${webhooks}${doomed.id}/`);
  const gone = await api.ok('POST', webhooks, webhook('/gone'));
  await api.ok('POST', `${webhooks}${gone.id}/test/`);
  await receiver.until('/gone', 1);
  const deliveries = `${webhooks}${gone.id}/deliveries/`;
  while ((await api.ok('GET', deliveries)).results[0].status !== 'failed');
  await receiver.stop();
}
