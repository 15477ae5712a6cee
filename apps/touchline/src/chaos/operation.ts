import type { Subject } from './subject.ts';

export const kinds = ['athlete', 'grant', 'activity', 'time frame', 'ingest'] as const;
export type Kind = (typeof kinds)[number];

/** A write that was sent once, under a name or a time that no other has. */
export interface Operation {
  readonly kind: Kind;
  readonly name: string;
  /** Of the second of play that was ingested; of the window of the time frame or of the grant. */
  readonly startMs: number;
  /** ms of `performance.now()`, as `answeredMs` */
  readonly sentMs: number;
  acknowledged: boolean;
  /** It was answered that nothing was done and that it may be sent again. */
  refused: boolean;
  answeredMs?: number;
}

export const KICK_OFF_MS = Date.UTC(2024, 4, 4, 13, 0, 0);
/** Of the time frames and grants that are written, one after the other, on days of their own. */
const WINDOWS_MS = Date.UTC(2024, 4, 6);
export const SAMPLES_PER_FRAME = 5;

/** @param count of operations of the kind before it */
export const startOf = (kind: Kind, count: number): number =>
  (kind === 'ingest' ? KICK_OFF_MS : WINDOWS_MS) + count * 1000;

export const activityBody = (name: string, owner: number) => ({
  name,
  json: { sport: 'soccer' },
  json_schema: 1,
  owner,
});

export const windowOf = (startMs: number, durationMs: number) => ({
  start_time: new Date(startMs).toISOString(),
  end_time: new Date(startMs + durationMs).toISOString(),
});

/** What is posted to the API, and as whom. */
export function requestOf(
  { kind, name, startMs }: Pick<Operation, 'kind' | 'name' | 'startMs'>,
  { admin, manager, grantee, device, ingestToken, activity, athlete }: Subject,
): { path: string; token: string; body: unknown } {
  const { id, api } = manager;
  const token = api.token ?? '';
  switch (kind) {
    case 'athlete':
      return {
        path: '/athletes/create-managed/',
        token,
        body: {
          managed_by: id,
          external_id: name,
          athlete_profile: { first_name: 'Ada', last_name: 'Athlete' },
        },
      };
    case 'grant': {
      const { start_time, end_time } = windowOf(startMs, 1000);
      return {
        path: `/athletes/${athlete}/permissions/${grantee}/`,
        token: admin.token ?? '',
        body: { permission: 'READ', start_time, expiration_time: end_time },
      };
    }
    case 'activity':
      return { path: '/activities/', token, body: activityBody(name, id) };
    case 'time frame':
      return { path: '/timeframes/', token, body: { ...windowOf(startMs, 1000), device, activity, athlete } };
    case 'ingest':
      return { path: `/devices/${device}/preprocessed/`, token: ingestToken, body: [frameAt(startMs)] };
    default:
      return kind satisfies never;
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
