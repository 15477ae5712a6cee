import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Columns } from '@touchline/metrics';
import { type Frame, readRecording, RecordingError, toFrames } from '@touchline/testing/recordings';
import { ApiClient, ApiError } from '../client/api.ts';
import { type Computed, table, upToDate } from '../client/computed.ts';
import { ingest } from '../client/ingest.ts';
import { createManager, provideDevice, type SignedInManager } from '../client/manager.ts';
import { CommandError } from '../command-error.ts';
import { dataDirectory } from '../client/options.ts';
import { findOrStartSystem, type System } from '../client/system.ts';

const SPORTS = ['soccer', 'biking', 'running', 'swimming', 'trailrunning', 'triathlon'] as const;
const FRAMES_PER_REQUEST = 200;

/** The manager in whose name recordings are imported; his password is kept beside the other credentials. */
async function importingManager(system: System, dataDir: string): Promise<SignedInManager> {
  const file = path.join(dataDir, 'import-credentials.json');
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  const { username, password } = kept
    ? (JSON.parse(kept) as { username: string; password: string })
    : {
        username: `import-${randomBytes(4).toString('hex')}`,
        password: randomBytes(18).toString('base64url'),
      };
  if (!kept) await writeFile(file, `${JSON.stringify({ username, password }, null, 2)}\n`, { mode: 0o600 });
  try {
    const api = await new ApiClient(system.url).signIn(system.client, username, password);
    const account = await api.get<{ id: number; extra_permissions: string[] }>('/account/');
    if (!account.extra_permissions.includes('can_create_managed_athletes')) {
      await system.admin.put(`/managers/${account.id}/extra-permissions/`, {
        extra_permissions: ['can_create_managed_athletes'],
      });
    }
    return { id: account.id, api };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error;
  }
  return createManager(system, {
    username,
    password,
    email: `${username}@example.com`,
    manager_profile: { first_name: 'Import', last_name: 'Recordings' },
  });
}

interface Recording {
  readonly name: string;
  readonly frames: readonly Frame[];
  /** Of the content: the same recording is found again. */
  readonly digest: string;
  /** The window of the time frame, [startMs, endMs). */
  readonly startMs: number;
  readonly endMs: number;
}

function windowOf({ gnss, ecg, pwr }: Columns): { startMs: number; endMs: number } {
  let [first, last] = [Infinity, -Infinity];
  for (const { t } of [gnss, ecg, pwr]) {
    for (const timestampMs of t) {
      first = Math.min(first, timestampMs);
      last = Math.max(last, timestampMs);
    }
  }
  return { startMs: first, endMs: last + 1 };
}

/** @throws CommandError that names the file, and the line where one is wrong */
function load(file: string): Recording {
  try {
    const columns = readRecording(file);
    const frames = toFrames(columns);
    if (frames.length === 0) throw new CommandError(`${file}: no samples, a recording has a line for each.`);
    return {
      name: path.basename(file, '.gnss.csv'),
      frames,
      digest: createHash('sha256').update(JSON.stringify(frames)).digest('hex').slice(0, 16),
      ...windowOf(columns),
    };
  } catch (error) {
    if (error instanceof RecordingError) throw new CommandError(error.message);
    throw error;
  }
}

interface Target {
  readonly timeFrame: number;
  readonly device: number;
}

/** What a recording needs before its samples can be sent: found again when the same file was imported before. */
async function target(
  system: System,
  { id, api }: SignedInManager,
  recording: Recording,
  sport: string,
): Promise<Target> {
  const serial = `IMPORT-${id}-${recording.digest}`;
  const startTime = new Date(recording.startMs).toISOString();
  const found = await api.list<{ id: number }>(`/devices/?serial_number=${serial}`);
  const device = found[0]?.id ?? (await provideDevice(system, { id, api }, serial, startTime)).id;
  const athletes = await api.list<{ id: number }>(`/athletes/?external_id=${serial}`);
  const athlete =
    athletes[0]?.id ??
    (
      await api.post<{ id: number }>('/athletes/create-managed/', {
        managed_by: id,
        external_id: serial,
        athlete_profile: { first_name: 'Recording', last_name: recording.name },
      })
    ).id;
  const activityName = `${recording.name} (${sport}, ${recording.digest})`;
  const activities = await api.list<{ id: number }>(`/activities/?name=${encodeURIComponent(activityName)}`);
  const activity =
    activities[0]?.id ??
    (
      await api.post<{ id: number }>('/activities/', {
        name: activityName,
        json: { sport },
        json_schema: SPORTS.indexOf(sport as (typeof SPORTS)[number]) + 1,
        owner: id,
      })
    ).id;
  const frames = await api.list<{ id: number }>(`/timeframes/?activity=${activity}`);
  const timeFrame =
    frames[0]?.id ??
    (
      await api.post<{ id: number }>('/timeframes/', {
        start_time: startTime,
        end_time: new Date(recording.endMs).toISOString(),
        device,
        activity,
        athlete,
      })
    ).id;
  return { timeFrame, device };
}

async function send(api: ApiClient, device: number, frames: readonly Frame[]): Promise<void> {
  for (let from = 0; from < frames.length; from += FRAMES_PER_REQUEST) {
    await ingest(api, device, frames.slice(from, from + FRAMES_PER_REQUEST));
  }
}

const HELP = `Usage: npm run touchline -- import <file.gnss.csv …> [options]

The .ecg.csv and .pwr.csv beside a .gnss.csv are taken along. A header line names the columns:
  .gnss.csv  timestamp (ms since 1970),latitude,longitude,speed (m/s),altitude (m)
  .ecg.csv   timestamp,hr
  .pwr.csv   timestamp,pwr_instantpower,pwr_cadence

  --sport <sport>    ${SPORTS.join(', ')} (default soccer)
  --json             the computed data of each file as one line of JSON
  --data-dir <dir>   where the system keeps everything (TOUCHLINE_DATA_DIR; default ./.touchline)
`;

/** `touchline import <file.csv …> --sport <sport>`: recordings in, their computed data out. */
export async function importRecordings(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      sport: { type: 'string', default: 'soccer' },
      json: { type: 'boolean', default: false },
      'data-dir': { type: 'string' },
    },
  });
  const { sport } = values;
  if (!SPORTS.some((known) => known === sport))
    throw new CommandError(`--sport is one of ${SPORTS.join(', ')}, not "${sport}".`);
  if (positionals.length === 0)
    throw new CommandError('Name at least one recording: touchline import <file.gnss.csv …> --sport <sport>');
  const recordings = positionals.map(load);
  const dataDir = dataDirectory(values['data-dir']);
  const system = await findOrStartSystem(dataDir);
  try {
    const manager = await importingManager(system, dataDir);
    const rows: { name: string; computed: Computed }[] = [];
    for (const recording of recordings) {
      const { timeFrame, device } = await target(system, manager, recording, sport);
      await send(manager.api, device, recording.frames);
      const computed = await upToDate(manager.api, timeFrame);
      if (values.json) process.stdout.write(`${JSON.stringify(computed)}\n`);
      rows.push({ name: recording.name, computed });
    }
    if (!values.json) process.stdout.write(`${table(rows)}\n`);
  } finally {
    await system.stop();
  }
}
