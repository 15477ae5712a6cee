import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type SimulatedFrame, simulateMatch } from '@touchline/testing/simulator';
import { Presets, SingleBar } from 'cli-progress';
import { ApiClient } from '../client/api.ts';
import { table, upToDate } from '../client/computed.ts';
import { ingest } from '../client/ingest.ts';
import { createManager, provideDevice } from '../client/manager.ts';
import { dataDirectory } from '../client/options.ts';
import { findOrStartSystem, type System } from '../client/system.ts';
import { CommandError } from '../command-error.ts';
import { callbackEnv, showCallback } from './callback.ts';

export const PLAYERS = 22;
export const SEED = 2024;
export const KICK_OFF_MS = Date.UTC(2024, 4, 4, 13, 0, 0);
/** Seconds of play in one request when the match is not played in real time. */
const SECONDS_PER_REQUEST = 30;

const FIRST_NAMES = [
  'Alba',
  'Bruno',
  'Chloé',
  'Dario',
  'Elin',
  'Farid',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kaia',
];
const LAST_NAMES = ['Nord', 'Süd'];

export interface Player {
  readonly name: string;
  readonly timeFrame: number;
  readonly device: ApiClient;
  readonly deviceId: number;
}

/** A manager, 22 managed athletes with a device each, a soccer activity and a time frame for each player. */
export async function assemble(
  system: System,
  kickOffMs: number,
  minutes: number,
): Promise<{ api: ApiClient; activity: { id: number; name: string }; players: Player[] }> {
  const run = randomUUID().slice(0, 8);
  const startTime = new Date(kickOffMs).toISOString();
  const endTime = new Date(kickOffMs + minutes * 60_000).toISOString();
  const manager = await createManager(system, {
    username: `coach-${run}`,
    email: `coach-${run}@example.com`,
    password: randomUUID(),
    manager_profile: { first_name: 'Coach', last_name: run },
  });
  const activity = await manager.api.post<{ id: number; name: string }>('/activities/', {
    name: `Nord – Süd, ${startTime.slice(0, 10)} (${run})`,
    json: { sport: 'soccer' },
    json_schema: 1,
    owner: manager.id,
  });
  const players = await Promise.all(
    Array.from({ length: PLAYERS }, async (_, i): Promise<Player> => {
      const profile = {
        first_name: FIRST_NAMES[i % 11] ?? '',
        last_name: LAST_NAMES[Math.floor(i / 11)] ?? '',
      };
      const [athlete, device] = await Promise.all([
        manager.api.post<{ id: number }>('/athletes/create-managed/', {
          managed_by: manager.id,
          athlete_profile: { ...profile, birth_date: `${1994 + (i % 11)}-03-1${i % 10}` },
        }),
        provideDevice(system, manager, `DEMO-${run}-${String(i + 1).padStart(2, '0')}`, startTime),
      ]);
      const frame = await manager.api.post<{ id: number }>('/timeframes/', {
        start_time: startTime,
        end_time: endTime,
        device: device.id,
        activity: activity.id,
        athlete: athlete.id,
      });
      return {
        name: `${profile.first_name} ${profile.last_name}`,
        timeFrame: frame.id,
        device: new ApiClient(system.url, device.ingestToken),
        deviceId: device.id,
      };
    }),
  );
  return { api: manager.api, activity, players };
}

async function play(
  players: readonly Player[],
  kickOffMs: number,
  minutes: number,
  speed: number,
): Promise<void> {
  const match = simulateMatch({ seed: SEED, startMs: kickOffMs, players: players.length });
  const step = speed > 0 ? 1 : SECONDS_PER_REQUEST;
  const bar = new SingleBar(
    { format: 'match {bar} {minute} min | {value}/{total} s of play', hideCursor: true, noTTYOutput: false },
    Presets.shades_classic,
  );
  bar.start(minutes * 60, 0, { minute: 0 });
  const startedMs = performance.now();
  for (let second = 0; second < minutes * 60; second += step) {
    const batch: SimulatedFrame[][] = players.map(() => []);
    for (let i = 0; i < step && second + i < minutes * 60; i += 1) {
      match.next().value.forEach((frame, player) => batch[player]?.push(frame));
    }
    if (speed > 0) {
      const dueMs = startedMs + ((second + 1) * 1000) / speed;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    }
    await Promise.all(players.map(({ device, deviceId }, i) => ingest(device, deviceId, batch[i] ?? [])));
    const done = Math.min(second + step, minutes * 60);
    bar.update(done, { minute: Math.floor(done / 60) });
  }
  bar.stop();
}

const HELP = `Usage: npm run demo -- [options]

  --minutes <n>      minutes of play, 1 to 120 (default 10)
  --speed <factor>   of real time: 1 plays the match live; 0, the default, as fast as it goes
  --data-dir <dir>   where the system keeps everything (TOUCHLINE_DATA_DIR; default ./.touchline)
`;

/** `touchline demo`: a match of 22 players through the public API, and a table of what was computed of it. */
export async function demo(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      speed: { type: 'string', default: '0' },
      'data-dir': { type: 'string' },
    },
  });
  const [minutes, speed] = [Number(values.minutes), Number(values.speed)];
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 120) {
    throw new CommandError(`--minutes is a whole number from 1 to 120, not "${values.minutes}".`);
  }
  if (!(speed >= 0 && speed <= 100)) {
    throw new CommandError(
      `--speed is a factor of real time up to 100, or 0 for as fast as it goes, not "${values.speed}".`,
    );
  }
  const system = await findOrStartSystem(dataDirectory(values['data-dir']), callbackEnv);
  try {
    const kickOffMs = speed > 0 ? Math.ceil(Date.now() / 1000) * 1000 : KICK_OFF_MS;
    process.stdout.write(`A match of ${minutes} minutes on ${system.url}\n`);
    const { api, activity, players } = await assemble(system, kickOffMs, minutes);
    await play(players, kickOffMs, minutes, speed);
    const rows = await Promise.all(
      players.map(async ({ name, timeFrame }) => ({ name, computed: await upToDate(api, timeFrame) })),
    );
    process.stdout.write(`${table(rows)}\n`);
    process.stdout.write(`Webhook: ${await showCallback(api, activity)}\n`);
  } finally {
    await system.stop();
  }
}
