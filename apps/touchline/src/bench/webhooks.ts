import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EventLog } from '@touchline/event-log';
import { createManager } from '../client/manager.ts';
import { findOrStartSystem } from '../client/system.ts';
import { readRunFile } from '../data-directory/run-file.ts';
import { callbackEnv } from '../demo/callback.ts';
import { freePorts } from '../start/free-ports.ts';
import type { Figure } from './bench.ts';
import { CallbackReceiver } from './callback-receiver.ts';
import { residentMb } from './resident-memory.ts';

const WEBHOOKS = Number(process.env['WEBHOOKS_BENCH_WEBHOOKS'] ?? 1_000);
const SECONDS = Number(process.env['WEBHOOKS_BENCH_SECONDS'] ?? 20);
const SUSTAINED_SECONDS = 3 * SECONDS;
const RATE_PER_S = 100;
const SUSTAINED_PER_MIN = 5_000;
const HANGING = 0.1;
/** Beginning and ending with none, and as many before as after of each kind: what drifts in a run meets both. */
const TURNS = ['none', 'hanging', 'hanging', 'none', 'none', 'hanging', 'hanging', 'none'] as const;
const WAITS_AT_MOST_MS = 60_000;

/** In order, ten at once. */
async function inTens<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let i = 0; i < items.length; i += 10) {
    done.push(...(await Promise.all(items.slice(i, i + 10).map(work))));
  }
  return done;
}

const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? NaN;

interface Target {
  readonly activity: number;
  readonly owner: number;
  readonly webhook: number;
  readonly path: string;
}

interface Rate {
  readonly perS: number;
  readonly seconds: number;
  /** Targets that are not measured. */
  readonly aside?: readonly Target[];
}

/** Appends an update of one activity after another at a rate; ms from each append's beginning to its callback. */
async function run(
  log: EventLog,
  receiver: CallbackReceiver,
  targets: readonly Target[],
  { perS, seconds, aside = [] }: Rate,
): Promise<number[]> {
  const unmeasured = new Set(aside.map(({ path }) => path));
  const begun = new Map<string, number[]>();
  const latenciesMs: number[] = [];
  let expected = 0;
  let isAppending = true;
  const all = Promise.withResolvers<void>();
  receiver.came = (at) => {
    const beganMs = begun.get(at)?.shift();
    if (beganMs === undefined || unmeasured.has(at)) return;
    latenciesMs.push(performance.now() - beganMs);
    if (!isAppending && latenciesMs.length === expected) all.resolve();
  };
  const count = perS * seconds;
  const startedMs = performance.now();
  const appends: Promise<unknown>[] = [];
  for (let i = 0; i < count; i += 1) {
    const target = targets[i % targets.length];
    if (!target) break;
    if (!unmeasured.has(target.path)) expected += 1;
    const waitMs = startedMs + (i * 1000) / perS - performance.now();
    if (waitMs > 1) await delay(waitMs);
    begun.set(target.path, [...(begun.get(target.path) ?? []), performance.now()]);
    appends.push(log.append(`activity-${target.activity}`, [updated(target, i)], 'any'));
  }
  await Promise.all(appends);
  isAppending = false;
  if (latenciesMs.length === expected) return latenciesMs;
  await Promise.race([all.promise, delay(WAITS_AT_MOST_MS, undefined, { ref: false })]);
  for (let i = latenciesMs.length; i < expected; i += 1) latenciesMs.push(Infinity);
  return latenciesMs;
}

function updated({ activity: activityId, owner }: Target, i: number) {
  const metadata = { correlation_id: randomUUID(), actor: 'service:bench', at: new Date().toISOString() };
  const data = { activityId, owner, name: `Update ${i}`, json: { sport: 'soccer' }, jsonSchema: 1 };
  return { type: 'activity.v1.ActivityUpdated', id: randomUUID(), data, metadata };
}

/** The same POSTs without anything in between: what this machine and a new connection each time take. */
async function bareMs(url: string, count: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const startedMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      const sent = request(`${url}/bare`, { method: 'POST', agent: false }, (response) => {
        response.resume().on('end', resolve);
      });
      sent.on('error', reject).end('{}');
    });
    latencies.push(performance.now() - startedMs);
  }
  return latencies;
}

/** Callbacks of a system of its own to a receiver in this process; the log is appended to directly. */
export async function* benchWebhooks(): AsyncIterable<Figure> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-bench-'));
  const [port = 0] = await freePorts(1);
  const system = await findOrStartSystem(dataDir, { ...callbackEnv, PORT: String(port) });
  const receiver = new CallbackReceiver();
  try {
    const url = await receiver.start();
    const running = readRunFile(dataDir);
    if (!running) throw new Error('The system has left no run.json.');
    const log = EventLog.connect({ url: running.eventstore_url });
    const name = randomUUID().slice(0, 8);
    const manager = await createManager(system, {
      username: name,
      email: `${name}@example.com`,
      password: randomUUID(),
      manager_profile: { first_name: 'Bench', last_name: name },
    });
    const addActivity = async (i: number): Promise<number> => {
      const fields = { name: `Bench ${i}`, json: { sport: 'soccer' }, json_schema: 1, owner: manager.id };
      return (await manager.api.post<{ id: number }>('/activities/', fields)).id;
    };
    const addWebhook = async (activity: number): Promise<Target> => {
      const path = `/${randomUUID()}`;
      const { id: webhook } = await manager.api.post<{ id: number }>(`/activities/${activity}/webhooks/`, {
        webhook_url: `${url}${path}`,
        secret_token: randomUUID(),
        activity_events: true,
        timeframes_events: false,
      });
      return { activity, owner: manager.id, webhook, path };
    };
    const places = Array.from({ length: WEBHOOKS }, (_, i) => i);
    const targets = await inTens(places, async (i) => addWebhook(await addActivity(i)));

    const bare = await bareMs(url, 500);
    await run(log, receiver, targets, { perS: RATE_PER_S, seconds: 3 });
    const healthy = await run(log, receiver, targets, { perS: RATE_PER_S, seconds: SECONDS });
    for (const [q, goalMs] of [
      [0.5, 50],
      [0.99, 250],
    ] as const) {
      const value = quantile(healthy, q);
      const baseline = quantile(bare, q);
      yield {
        name: `append to callback at ${RATE_PER_S}/s, p${q * 100}, against a bare POST`,
        value,
        unit: 'ms',
        baseline,
        ratio: value / baseline,
        goal: `< ${goalMs} ms`,
        met: value < goalMs,
      };
    }

    const before = await residentMb(running.pids['webhooks'] ?? 0);
    const sustained = await run(log, receiver, targets, {
      perS: SUSTAINED_PER_MIN / 60,
      seconds: SUSTAINED_SECONDS,
    });
    const after = await residentMb(running.pids['webhooks'] ?? 0);
    const made = sustained.filter(Number.isFinite).length;
    yield {
      name: `deliveries per minute over ${SUSTAINED_SECONDS} s`,
      value: (made * 60) / SUSTAINED_SECONDS,
      unit: '1/min',
      baseline: null,
      ratio: null,
      goal: `>= ${SUSTAINED_PER_MIN}, none late`,
      met: made === sustained.length && quantile(sustained, 1) < 5_000,
    };
    yield {
      name: 'memory of the process after them, against before',
      value: after,
      unit: 'MB',
      baseline: before,
      ratio: after / before,
      goal: '<= 1.1',
      met: after <= 1.1 * before,
    };

    // In either kind of turn the same tenth has new webhooks, and what is measured are the others.
    const tenth = places.filter((i) => i % Math.round(1 / HANGING) === 0);
    const latencies: Record<(typeof TURNS)[number], number[]> = { none: [], hanging: [] };
    for (const kind of TURNS) {
      await inTens(tenth, async (i) => {
        const before = targets[i];
        if (!before) return;
        await manager.api.delete(`/activities/${before.activity}/webhooks/${before.webhook}/`);
        targets[i] = await addWebhook(before.activity);
      });
      const aside = targets.filter((_, i) => tenth.includes(i));
      receiver.hang(kind === 'hanging' ? aside.map(({ path }) => path) : []);
      await run(log, receiver, targets, { perS: RATE_PER_S, seconds: 3, aside });
      const measured = await run(log, receiver, targets, { perS: RATE_PER_S, seconds: SECONDS, aside });
      latencies[kind] = latencies[kind].concat(measured);
    }
    const [value, baseline] = [quantile(latencies.hanging, 0.99), quantile(latencies.none, 0.99)];
    yield {
      name: `p99 of the healthy while ${HANGING * 100} % of ${WEBHOOKS} hang, against none, in ${TURNS.length} turns`,
      value,
      unit: 'ms',
      baseline,
      ratio: value / baseline,
      goal: '<= 1.2',
      met: value <= 1.2 * baseline,
    };
    await log.close();
  } finally {
    await receiver.stop();
    await system.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
