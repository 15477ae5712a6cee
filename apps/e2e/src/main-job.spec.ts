import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type MetricsDocument, roundDocument } from '@touchline/metrics';
import { readRecording, toFrames } from '@touchline/testing/recordings';
import { describeShared } from '@touchline/testing/shared';
import { describe, expect, inject, it } from 'vitest';
import { type Bench, newBench, upToDate } from './api.ts';
import { command, root } from './system.ts';

interface Expected {
  readonly sport: string;
  readonly start_time: number;
  readonly end_time: number;
  readonly params: Record<string, unknown>;
  readonly birth_date: string | null;
  readonly computed: MetricsDocument;
}

const RECORDINGS = [
  'soccer-player-1',
  'soccer-player-2',
  'soccer-player-3',
  'soccer-player-4',
  'run',
  'ride-power',
  'triathlon',
];
const ACTIVITY_SCHEMAS = ['soccer', 'biking', 'running', 'swimming', 'trailrunning', 'triathlon'];

/** What the API answers of an expected document: rounded, without what the expectation leaves open. */
function comparable(document: MetricsDocument): unknown {
  const { last_computation: _, athlete_max_hr: _max, timePerHrZone: _zones, extensions, ...rest } = document;
  const { status: _status, ...others } = extensions;
  return { ...rest, extensions: others };
}

function run(args: string[]): Promise<string> {
  const child = spawn(process.execPath, command(...args), { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) =>
    child.once('exit', (code) => (code === 0 ? resolve(out) : reject(new Error(`exit ${code}: ${said}`)))),
  );
}

/** A seeded shuffle, so that a failure can be looked at again. */
function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  let state = 1;
  for (let i = result.length - 1; i > 0; i -= 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    const j = state % (i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

describeShared(describe, 'a recorded session', ['data'], (data) => {
  const [url, dataDir, credentials] = [inject('url'), inject('dataDir'), inject('credentials')];
  const expectedOf = (name: string): Expected =>
    JSON.parse(readFileSync(path.join(data, 'expected', `${name}.json`), 'utf8')) as Expected;

  it.each(RECORDINGS)('of %s, imported by the command, gives the expected document', async (name) => {
    const { sport, computed } = expectedOf(name);
    const file = path.join(data, `${name}.gnss.csv`);
    const out = await run(['import', file, '--sport', sport, '--json', '--data-dir', dataDir]);
    const document = JSON.parse(out) as MetricsDocument;
    expect(document.extensions.status).toBe('up-to-date');
    expect(comparable(document)).toEqual(comparable(roundDocument(computed)));
  });

  it.each(['soccer-player-1', 'ride-power'])(
    'of %s, its frames shuffled and sent twice, gives the same',
    async (name) => {
      const { sport, start_time, end_time, params, birth_date, computed } = expectedOf(name);
      const startTime = new Date(start_time).toISOString();
      const bench: Bench = await newBench(url, credentials, {
        ownedFrom: startTime,
        birthDate: birth_date,
        sport,
        jsonSchema: ACTIVITY_SCHEMAS.indexOf(sport) + 1,
      });
      const { api } = bench.manager;
      const frame = await api.ok('POST', '/api/v1/timeframes/', {
        start_time: startTime,
        end_time: new Date(end_time).toISOString(),
        params,
        device: bench.device,
        activity: bench.activity,
        athlete: bench.athlete,
      });
      const frames = toFrames(readRecording(path.join(data, `${name}.gnss.csv`)));
      const twice = shuffled([...frames, ...frames]);
      let duplicates = 0;
      for (let i = 0; i < twice.length; i += 300) {
        const path = `/api/v1/devices/${bench.device}/preprocessed/`;
        const answer = await api.call('POST', path, { body: twice.slice(i, i + 300) });
        expect(answer.status).toBe(202);
        duplicates += answer.body.duplicates;
      }
      const samples = frames.reduce(
        (n, { gnss, ecg, pwr }) =>
          n + (gnss?.timestamp.length ?? 0) + (ecg?.timestamp.length ?? 0) + (pwr?.timestamp.length ?? 0),
        0,
      );
      expect(duplicates).toBeGreaterThanOrEqual(samples);
      const document = await upToDate(api, frame.id);
      expect({
        ...document,
        last_computation: null,
        extensions: { ...document.extensions, status: undefined },
      }).toEqual({
        ...roundDocument(computed),
        extensions: { ...roundDocument(computed).extensions, status: undefined },
      });
    },
  );
});
