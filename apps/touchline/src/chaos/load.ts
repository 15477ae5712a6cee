import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createManager, provideDevice, type SignedInManager } from '../client/manager.ts';
import type { System } from '../client/system.ts';

export type Kind = 'athlete' | 'activity' | 'time frame' | 'ingest';

/** A write that was sent once, under a name that no other has. */
export interface Operation {
  readonly sentMs: number;
  readonly kind: Kind;
  readonly name: string;
  /** Of the second of play that was ingested; of the window of the time frame. */
  readonly startMs: number;
  acknowledged: boolean;
  /** ms of `performance.now()`, as `sentMs` */
  answeredMs?: number;
}

const KICK_OFF_MS = Date.UTC(2024, 4, 4, 13, 0, 0);
/** Of the time frames that are written, one after the other, on a day of their own. */
const FRAMES_MS = Date.UTC(2024, 4, 6);
export const SAMPLES_PER_FRAME = 5;
const ANSWER_WITHIN_MS = 15_000;
const AFTER_REFUSAL_MS = 50;

export interface Subject {
  readonly manager: SignedInManager;
  readonly token: string;
  readonly device: number;
  readonly ingestToken: string;
  readonly athlete: number;
  readonly activity: number;
  /** Whose samples are those ingested. */
  readonly timeFrame: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** What the load writes about: a manager, his athlete and device, and a time frame of a day. */
export async function prepare(system: System): Promise<Subject> {
  const run = randomUUID();
  const manager = await createManager(system, {
    username: `chaos-${run}`,
    email: `${run}@example.com`,
    password: run,
    manager_profile: { first_name: 'Chaos', last_name: 'Manager' },
  });
  const { api, id } = manager;
  const device = await provideDevice(system, manager, `CHAOS-${run}`, iso(KICK_OFF_MS));
  const athlete = await api.post<{ id: number }>('/athletes/create-managed/', {
    managed_by: id,
    athlete_profile: { first_name: 'Ada', last_name: 'Athlete', birth_date: '1990-04-01' },
  });
  const activity = await api.post<{ id: number }>('/activities/', activityBody(`Played ${run}`, id));
  const timeFrame = await api.post<{ id: number }>('/timeframes/', {
    ...windowOf(KICK_OFF_MS, 6 * 3_600_000),
    device: device.id,
    activity: activity.id,
    athlete: athlete.id,
  });
  return {
    manager,
    token: api.token ?? '',
    device: device.id,
    ingestToken: device.ingestToken,
    athlete: athlete.id,
    activity: activity.id,
    timeFrame: timeFrame.id,
  };
}

export const kinds = ['athlete', 'activity', 'time frame', 'ingest'] as const satisfies readonly Kind[];

const activityBody = (name: string, owner: number) => ({
  name,
  json: { sport: 'soccer' },
  json_schema: 1,
  owner,
});
const windowOf = (startMs: number, durationMs: number) => ({
  start_time: iso(startMs),
  end_time: iso(startMs + durationMs),
});

/** Writers of all kinds, each with one write under way, none of which is ever sent twice. */
export class Load {
  readonly operations: Operation[] = [];
  readonly #url: string;
  readonly #subject: Subject;
  readonly #counts: Map<Kind, number>;
  readonly #writers: Promise<void>[];
  #writing = true;

  /** @param counts of operations of each kind so far, over all loads on the subject */
  constructor(url: string, subject: Subject, counts: Map<Kind, number>) {
    this.#url = url;
    this.#subject = subject;
    this.#counts = counts;
    this.#writers = kinds.map((kind) => this.#write(kind));
    // Told by `stop`.
    for (const writer of this.#writers) writer.catch(() => undefined);
  }

  /** When the first write of the kind was acknowledged that was sent after this instant. */
  firstAfter(kind: Kind, instantMs: number): number | undefined {
    return this.operations.find(
      (operation) => operation.kind === kind && operation.sentMs >= instantMs && operation.acknowledged,
    )?.answeredMs;
  }

  /** @throws Error when a write was answered in a way that no fault explains */
  async stop(): Promise<void> {
    this.#writing = false;
    await Promise.all(this.#writers);
  }

  async #write(kind: Kind): Promise<void> {
    while (this.#writing) {
      const count = this.#counts.get(kind) ?? 0;
      this.#counts.set(kind, count + 1);
      const startMs = (kind === 'ingest' ? KICK_OFF_MS : FRAMES_MS) + count * 1000;
      const operation: Operation = {
        kind,
        name: `${kind} ${randomUUID()}`,
        startMs,
        sentMs: performance.now(),
        acknowledged: false,
      };
      this.operations.push(operation);
      operation.acknowledged = await this.#send(operation);
      operation.answeredMs = performance.now();
      if (!operation.acknowledged) await delay(AFTER_REFUSAL_MS);
    }
  }

  async #send(operation: Operation): Promise<boolean> {
    const { path, token, body } = this.#request(operation);
    try {
      const response = await fetch(`${this.#url}/api/v1${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const text = await response.text();
      if (response.ok) return true;
      if (response.status >= 500 || response.status === 429) return false;
      throw new Error(`${operation.kind}: ${response.status} ${text}`);
    } catch (error) {
      // The connection broke, or nobody answered in time: what became of the write is not known.
      if (error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError'))
        return false;
      throw error;
    }
  }

  #request({ kind, name, startMs }: Operation): { path: string; token: string; body: unknown } {
    const { manager, token, device, ingestToken, athlete } = this.#subject;
    switch (kind) {
      case 'athlete':
        return {
          path: '/athletes/create-managed/',
          token,
          body: {
            managed_by: manager.id,
            external_id: name,
            athlete_profile: { first_name: 'Ada', last_name: 'Athlete' },
          },
        };
      case 'activity':
        return { path: '/activities/', token, body: activityBody(name, manager.id) };
      case 'time frame':
        return {
          path: '/timeframes/',
          token,
          body: { ...windowOf(startMs, 1000), device, activity: this.#subject.activity, athlete },
        };
      case 'ingest':
        return { path: `/devices/${device}/preprocessed/`, token: ingestToken, body: [frameAt(startMs)] };
      default:
        return kind satisfies never;
    }
  }
}

function frameAt(startMs: number): unknown {
  const times = Array.from({ length: SAMPLES_PER_FRAME }, (_, i) => startMs + i * 200);
  return {
    gnss: {
      timestamp: times,
      latitude: times.map((t) => 47.2 + ((t - KICK_OFF_MS) / 1000) * 1e-5),
      longitude: times.map(() => 8.5),
      speed: times.map(() => 4),
      altitude: times.map(() => 400),
    },
  };
}
