import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import autocannon from 'autocannon';
import { createManager, provideDevice, type SignedInManager } from '../client/manager.ts';
import { findOrStartSystem, type System } from '../client/system.ts';
import { readRunFile } from '../data-directory/run-file.ts';
import type { Figure } from './bench.ts';
import { cpuTimes } from './cpu-time.ts';
import { fillReadModels } from './fill-read-models.ts';

const setting = (name: string, usual: number): number => Number(process.env[name] ?? usual);
/** REST_TIME_FRAMES=1000000 REST_ATHLETES=100000 REST_PERMISSIONS=100 are the sizes that the goals are about. */
const TIME_FRAMES = setting('REST_TIME_FRAMES', 50_000);
const OWN_TIME_FRAMES = Math.min(10_000, TIME_FRAMES);
const ATHLETES = setting('REST_ATHLETES', 10_000);
/** READ grants on each athlete. */
const PERMISSIONS = setting('REST_PERMISSIONS', 10);
const SECONDS = setting('REST_SECONDS', 5);
const CONNECTIONS = 64;
/** What one user feels, and a few. */
const FEW_CONNECTIONS = [1, 4];
const closedLoop = `closed loop of ${CONNECTIONS}, each waits for the others`;
const filled = ' (written to the read model, not through the log)';
/** Answers of lists of which each is another. */
const LISTS = setting('REST_LISTS', 12 * CONNECTIONS);
/** Answers to each of the few. */
const FEW_ANSWERS = setting('REST_FEW', 100);
const CREATIONS = setting('REST_CREATIONS', 60 * CONNECTIONS);
/** Before those that are measured: the first thousands run in code that the engine has not compiled yet. */
const CREATIONS_BEFORE = setting('REST_CREATIONS_BEFORE', 180 * CONNECTIONS);
const START_MS = Date.UTC(2024, 0, 1);
const HOUR_MS = 3_600_000;
/** The load comes from one user, who would be throttled. */
const UNTHROTTLED = { GATEWAY_USER_RATE: '1000000', GATEWAY_USER_BURST: '1000000' };

interface Load {
  readonly url: string;
  readonly token?: string;
  readonly requests?: autocannon.Request[];
  readonly connections?: number;
  /** So many requests, however long they take; else as many as fit in the time. */
  readonly amount?: number;
}

interface Measured extends autocannon.Result {
  /** Answers a second, until the last one: autocannon itself looks at its clock once a second. */
  readonly rate: number;
}

/** An answer that is no success fails the bench. */
async function measure(load: Load): Promise<Measured> {
  const { url, token, requests, connections = CONNECTIONS, amount } = load;
  const startedMs = performance.now();
  let answeredMs = startedMs;
  const { promise, resolve, reject } = Promise.withResolvers<autocannon.Result>();
  const running = autocannon(
    {
      url,
      connections,
      timeout: 60,
      headers: { ...(token && { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
      ...(requests && { requests }),
      ...(amount === undefined ? { duration: SECONDS } : { amount }),
    },
    (error, result) => (error ? reject(error) : resolve(result)),
  );
  running.on('response', () => (answeredMs = performance.now()));
  const result = await promise;
  if (result.requests.total === 0) throw new Error(`${url} answered nothing within ${SECONDS} s.`);
  if (result.non2xx > 0 || result.errors > 0) {
    const statuses = Object.entries(result.statusCodeStats ?? {}).map(
      ([status, { count = 0 }]) => `${count} with ${status}`,
    );
    throw new Error(`${url}: ${statuses.join(', ')} and ${result.errors} requests failed.`);
  }
  return { ...result, rate: (result.requests.total / (answeredMs - startedMs)) * 1000 };
}

async function measureBareEndpoint(answer: unknown): Promise<Measured> {
  const main = path.resolve(import.meta.dirname, `bare-endpoint${path.extname(import.meta.filename)}`);
  const child = spawn(process.execPath, [...process.execArgv, main, JSON.stringify(answer)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once('line', resolve);
      child.once('exit', () => reject(new Error('The bare endpoint did not start.')));
    });
    return await measure({ url: `http://127.0.0.1:${port}/timeframes/1/` });
  } finally {
    child.kill();
  }
}

type Pids = Readonly<Record<string, number>>;

/** Says where the time goes: the CPU time of each process of the system for each answer. */
async function withCpu(
  pids: Pids,
  what: string,
  load: () => Promise<Measured>,
): Promise<{ result: Measured; cpu: Figure }> {
  const before = await cpuTimes(pids);
  const result = await load();
  const after = await cpuTimes(pids);
  const answers = result.requests.total;
  const spent = Object.entries(after)
    .map(([name, ms]): [string, number] => [name, (ms - (before[name] ?? 0)) / answers])
    .filter(([, ms]) => ms >= 0.01)
    .sort(([, a], [, b]) => b - a);
  const cpu = {
    name: `${what}: CPU in ${spent.map(([name, ms]) => `${name} ${ms.toFixed(2)}`).join(', ')}`,
    value: spent.reduce((sum, [, ms]) => sum + ms, 0),
    unit: 'ms/answer',
    baseline: null,
    ratio: null,
    goal: '–',
    met: null,
  };
  return { result, cpu };
}

interface World {
  readonly manager: SignedInManager;
  readonly activity: number;
  readonly athlete: number;
  readonly devices: readonly number[];
  readonly timeFrame: { readonly id: number };
}

const iso = (ms: number): string => new Date(ms).toISOString();

async function assemble(system: System): Promise<World> {
  const manager = await createManager(system, {
    username: 'rest-bench',
    email: 'rest-bench@example.com',
    password: 'only-for-this-bench',
    manager_profile: { first_name: 'Rest', last_name: 'Bench' },
  });
  const { api, id } = manager;
  const devices = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, i) => provideDevice(system, manager, `REST-${i}`, iso(START_MS))),
  );
  const athlete = await api.post<{ id: number }>('/athletes/create-managed/', {
    managed_by: id,
    athlete_profile: { first_name: 'Number', last_name: 'One' },
  });
  const activity = await api.post<{ id: number }>('/activities/', {
    name: 'Season',
    json: { sport: 'soccer' },
    json_schema: 1,
    owner: id,
  });
  const world = { manager, activity: activity.id, athlete: athlete.id, devices: devices.map((d) => d.id) };
  const timeFrame = await api.post<{ id: number }>('/timeframes/', newTimeFrame(world, 0, 0));
  return { ...world, timeFrame };
}

/** Its own hour of one of the devices. */
const newTimeFrame = (world: Omit<World, 'timeFrame'>, device: number, hour: number) => ({
  start_time: iso(START_MS + hour * HOUR_MS),
  end_time: iso(START_MS + (hour + 1) * HOUR_MS),
  device: world.devices[device],
  activity: world.activity,
  athlete: world.athlete,
});

/** Durable ones a second: a request is answered when its event is in the log and synced. */
function creating(system: System, world: World): (amount: number) => Promise<Measured> {
  let next = 0;
  const request: autocannon.Request = {
    method: 'POST',
    path: '/api/v1/timeframes/',
    setupRequest: (given) => {
      next += 1;
      const body = newTimeFrame(world, next % CONNECTIONS, 1 + Math.floor(next / CONNECTIONS));
      return { ...given, body: JSON.stringify(body) };
    },
  };
  const token = world.manager.api.token ?? '';
  return (amount) => measure({ url: system.url, token, requests: [request], amount });
}

/**
 * The public API under load from 64 connections, beside a bare endpoint in the same run. The load comes from this
 * process and shares the machine with the system.
 */
export async function* benchRest(): AsyncIterable<Figure> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-bench-'));
  const system = await findOrStartSystem(dataDir, UNTHROTTLED);
  try {
    const running = readRunFile(dataDir);
    if (!running) throw new Error('The system wrote no run file.');
    const { mongodb_url: mongodbUrl, pids } = running;
    const world = await assemble(system);
    const token = world.manager.api.token ?? '';
    const get = (what: string, path: string) =>
      withCpu(pids, what, () => measure({ url: `${system.url}/api/v1${path}`, token }));
    /** A list that is asked for in `ways` ways in turn, so that no two requests under way have the same answer. */
    const getInTurn = (what: string, ways: number, path: (way: number) => string) => {
      let next = 0;
      const setupRequest = (given: autocannon.Request) => {
        next += 1;
        return { ...given, path: `/api/v1${path(next % ways)}` };
      };
      const requests = [{ method: 'GET' as const, setupRequest }];
      return withCpu(pids, what, () => measure({ url: system.url, token, requests, amount: LISTS }));
    };
    async function* few(what: string, path: string): AsyncIterable<Figure> {
      for (const connections of FEW_CONNECTIONS) {
        const url = `${system.url}/api/v1${path}`;
        const result = await measure({ url, token, connections, amount: FEW_ANSWERS * connections });
        yield latency(
          result,
          `${what}, ${connections === 1 ? '1 connection' : `${connections} connections`}`,
        );
      }
    }
    await get('warm-up', `/timeframes/${world.timeFrame.id}/`);

    const bare = await measureBareEndpoint(world.timeFrame);
    const one = await get('GET one time frame', `/timeframes/${world.timeFrame.id}/`);
    const ratio = one.result.requests.average / bare.requests.average;
    yield {
      name: `GET one time frame (${closedLoop}), p99 ${one.result.latency.p99} ms, against a bare koa + router endpoint`,
      value: one.result.requests.average,
      unit: 'requests/s',
      baseline: bare.requests.average,
      ratio,
      goal: 'ratio >= 0.20',
      met: ratio >= 0.2,
    };
    yield one.cpu;
    yield* few('GET one time frame', `/timeframes/${world.timeFrame.id}/`);

    await fillReadModels(mongodbUrl, {
      timeFrames: TIME_FRAMES,
      ownTimeFrames: OWN_TIME_FRAMES,
      athletes: ATHLETES,
      permissions: PERMISSIONS,
      owner: world.manager.id,
    });
    const pagePath = '/timeframes/?limit=150&page=20';
    const pages = Math.floor(OWN_TIME_FRAMES / 150);
    const pageOf = `GET /timeframes/, page of 150 of ${OWN_TIME_FRAMES} own among ${TIME_FRAMES} rows`;
    yield* few(pageOf, pagePath);
    await get('warm-up', pagePath);
    const page = await get('GET a page of time frames', pagePath);
    const isFullOfFrames = TIME_FRAMES >= 1_000_000;
    yield latency(page.result, `${pageOf}${filled} (${closedLoop})`, { ms: 60, isFullSize: isFullOfFrames });
    yield page.cpu;
    const eachPage = await getInTurn(
      'GET another page of time frames each',
      pages,
      (way) => `/timeframes/?limit=150&page=${way + 1}`,
    );
    yield latency(eachPage.result, `${pageOf}, another page each${filled} (${closedLoop})`);
    yield eachPage.cpu;
    const searchPath = '/athletes/?search=number+77';
    const searchOf = `GET /athletes/?search= at ${ATHLETES} rows with ${PERMISSIONS} permissions each`;
    yield* few(searchOf, searchPath);
    await get('warm-up', searchPath);
    const search = await get('GET a search of athletes', searchPath);
    const isFullOfAthletes = ATHLETES >= 100_000 && PERMISSIONS >= 100;
    yield latency(search.result, `${searchOf}${filled} (${closedLoop})`, {
      ms: 150,
      isFullSize: isFullOfAthletes,
    });
    yield search.cpu;
    const eachSearch = await getInTurn(
      'GET another search of athletes each',
      90,
      (way) => `/athletes/?search=number+${way + 10}`,
    );
    yield latency(eachSearch.result, `${searchOf}, another search each${filled} (${closedLoop})`);
    yield eachSearch.cpu;

    const create = creating(system, world);
    await create(CREATIONS_BEFORE);
    const created = await withCpu(pids, 'POST a time frame', () => create(CREATIONS));
    const { rate, latency: answered } = created.result;
    yield {
      name: `POST /timeframes/ (${closedLoop}) after ${CREATIONS_BEFORE} others, p50 ${answered.p50} ms, p99 ${answered.p99} ms`,
      value: rate,
      unit: 'requests/s',
      baseline: null,
      ratio: null,
      goal: '>= 500/s',
      met: rate >= 500,
    };
    yield created.cpu;
  } finally {
    await system.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** @param goal for the p99, when there is one; it is about the full size */
function latency(
  { latency: { p50, p99 }, rate }: Measured,
  name: string,
  goal?: { ms: number; isFullSize: boolean },
): Figure {
  return {
    name: `${name}, p99; p50 ${p50} ms, ${rate.toFixed(1)} requests/s`,
    value: p99,
    unit: 'ms',
    baseline: null,
    ratio: null,
    goal: goal ? `< ${goal.ms} ms at full size` : '–',
    met: goal?.isFullSize ? p99 < goal.ms : null,
  };
}
