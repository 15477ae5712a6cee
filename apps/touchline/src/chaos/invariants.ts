import type { ApiClient } from '../client/api.ts';
import { upToDate } from '../client/computed.ts';
import { type Operation, SAMPLES_PER_FRAME, type Subject } from './load.ts';

export interface Found {
  lost: number;
  doubled: number;
}

interface Counted {
  readonly count: number;
}

/** Every acknowledged write is there exactly once, every other at most once. */
export async function check(
  subject: Subject,
  operations: readonly Operation[],
  samplesBefore: number,
): Promise<Found & { samples: number }> {
  const { api } = subject.manager;
  const found: Found = { lost: 0, doubled: 0 };
  const tally = (acknowledged: boolean, count: number) => {
    if (acknowledged && count === 0) found.lost += 1;
    if (count > 1) found.doubled += count - 1;
  };
  const starts = await timeFrameStarts(api, subject.activity);
  for (const { kind, name, startMs, acknowledged } of operations) {
    const named = encodeURIComponent(name);
    if (kind === 'athlete')
      tally(acknowledged, (await api.get<Counted>(`/athletes/?external_id=${named}&page=1`)).count);
    else if (kind === 'activity')
      tally(acknowledged, (await api.get<Counted>(`/activities/?name=${named}&page=1`)).count);
    else if (kind === 'time frame') tally(acknowledged, starts.get(startMs) ?? 0);
  }
  const samples = await samplesOf(api, subject.timeFrame);
  const ingested = operations.filter(({ kind }) => kind === 'ingest');
  const least = ingested.filter(({ acknowledged }) => acknowledged).length * SAMPLES_PER_FRAME;
  const most = ingested.length * SAMPLES_PER_FRAME;
  const more = samples - samplesBefore;
  found.lost += Math.max(0, Math.ceil((least - more) / SAMPLES_PER_FRAME));
  found.doubled += Math.max(0, Math.ceil((more - most) / SAMPLES_PER_FRAME));
  return { ...found, samples };
}

/** Samples that the computed document of the time frame was made of, once it is up to date. */
export async function samplesOf(api: ApiClient, timeFrame: number): Promise<number> {
  const { extensions } = await upToDate(api, timeFrame);
  return (extensions as { quality?: { gnss_samples?: number } }).quality?.gnss_samples ?? 0;
}

async function timeFrameStarts(api: ApiClient, activity: number): Promise<Map<number, number>> {
  const starts = new Map<number, number>();
  for (let page = 1; ; page += 1) {
    const { results, next } = await api.get<{ results: { start_time: string }[]; next: unknown }>(
      `/timeframes/?activity=${activity}&limit=100&page=${page}`,
    );
    for (const { start_time } of results) {
      const startMs = Date.parse(start_time);
      starts.set(startMs, (starts.get(startMs) ?? 0) + 1);
    }
    if (next === null) return starts;
  }
}
