import type { ApiClient } from '../client/api.ts';
import { upToDate } from '../client/computed.ts';
import { type Kind, type Operation, SAMPLES_PER_FRAME } from './operation.ts';
import type { Subject } from './subject.ts';

export interface Found {
  lost: number;
  doubled: number;
  /** Writes that are not there. */
  absent: Operation[];
  /** What is there and not whole. */
  halves: string[];
}

interface Document {
  readonly id: number;
  readonly name?: string;
  readonly external_id?: string;
  readonly start_time?: string;
}

const PAGE = 100;

/** Every acknowledged write is there exactly once, every refused one not at all, every other at most once and whole. */
export async function check(
  subject: Subject,
  operations: readonly Operation[],
  samplesBefore: number,
): Promise<Found> {
  const found: Found = { lost: 0, doubled: 0, absent: [], halves: [] };
  const there = await documents(subject);
  for (const operation of operations) {
    if (operation.kind === 'ingest') continue;
    const matching = there.get(keyOf(operation)) ?? [];
    if (operation.acknowledged && matching.length === 0) found.lost += 1;
    // Whoever was refused sends it again.
    found.doubled += Math.max(0, matching.length - (operation.refused ? 0 : 1));
    if (matching.length === 0) found.absent.push(operation);
    else if (!operation.acknowledged && !(await isWhole(subject, operation, matching[0]!)))
      found.halves.push(operation.name);
  }
  const more = (await samplesOf(subject)) - samplesBefore;
  const ingested = operations.filter(({ kind }) => kind === 'ingest');
  const acknowledged = ingested.filter((operation) => operation.acknowledged);
  const frames = Math.floor(more / SAMPLES_PER_FRAME);
  if (more % SAMPLES_PER_FRAME > 0) found.halves.push('a frame');
  found.lost += Math.max(0, acknowledged.length - frames);
  found.doubled += Math.max(0, frames - ingested.length);
  return found;
}

/** Until computed data of every time frame hold everything that was written. */
export async function settled({ manager, activity }: Subject): Promise<void> {
  for (const { id } of await all(manager.api, `/timeframes/?activity=${activity}&`))
    await upToDate(manager.api, id);
}

/** Samples that the computed document of the time frame was made of, once it is up to date. */
export async function samplesOf({ manager, timeFrame }: Subject): Promise<number> {
  const { extensions } = await upToDate(manager.api, timeFrame);
  return (extensions as { quality?: { gnss_samples?: number } }).quality?.gnss_samples ?? 0;
}

export function keyOf({ kind, name, startMs }: Operation): string {
  return kind === 'time frame' || kind === 'grant' ? `${kind} ${startMs}` : `${kind} ${name}`;
}

/** Everything that writes of the load could have made, by their keys. */
export async function documents({ manager, admin, activity, athlete, grantee }: Subject) {
  const there = new Map<string, Document[]>();
  const add = (key: string, document: Document) => there.set(key, [...(there.get(key) ?? []), document]);
  const at = (kind: Kind, { start_time }: Document) => `${kind} ${Date.parse(start_time ?? '')}`;
  for (const it of await all(manager.api, '/athletes/?')) add(`athlete ${it.external_id}`, it);
  for (const it of await all(manager.api, '/activities/?')) add(`activity ${it.name}`, it);
  for (const it of await all(manager.api, `/timeframes/?activity=${activity}&`))
    add(at('time frame', it), it);
  for (const it of await all(admin, `/athletes/${athlete}/permissions/${grantee}/?`))
    add(at('grant', it), it);
  return there;
}

async function all(api: ApiClient, path: string): Promise<Document[]> {
  const found: Document[] = [];
  for (let page = 1; ; page += 1) {
    const { results, next } = await api.get<{ results: Document[]; next: unknown }>(
      `${path}limit=${PAGE}&page=${page}`,
    );
    found.push(...results);
    if (next === null) return found;
  }
}

async function isWhole({ admin, manager }: Subject, { kind }: Operation, { id }: Document): Promise<boolean> {
  switch (kind) {
    case 'athlete': {
      const grants = await admin.list<{ permission: string }>(`/athletes/${id}/permissions/${manager.id}/`);
      await manager.api.get(`/athletes/${id}/`);
      return new Set(grants.map(({ permission }) => permission)).size === 3;
    }
    case 'activity':
      return (await manager.api.get<Document>(`/activities/${id}/`)).id === id;
    case 'time frame':
      return (await manager.api.get<Document>(`/timeframes/${id}/`)).id === id;
    case 'grant':
    case 'ingest':
      return true;
    default:
      return kind satisfies never;
  }
}
