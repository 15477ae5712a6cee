import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type MetricsDocument, roundDocument } from '@touchline/metrics';
import { type Frame, readRecording, toFrames } from '@touchline/testing/recordings';
import { describeShared } from '@touchline/testing/shared';
import { afterAll, describe, expect, it } from 'vitest';
import { Api, newBench, signIn, upToDate } from './api.ts';
import { newDataDir, removeDataDir, startSystem } from './system.ts';

interface Expected {
  readonly start_time: number;
  readonly end_time: number;
  readonly birth_date: string | null;
  readonly computed: MetricsDocument;
}

describeShared(describe, 'kill -9 of every process in the middle of an import', ['data'], (data) => {
  const dataDir = newDataDir();
  afterAll(() => removeDataDir(dataDir));

  it('loses nothing and doubles nothing when the same file is sent again after the restart', async () => {
    const expected = JSON.parse(
      readFileSync(path.join(data, 'expected', 'soccer-player-2.json'), 'utf8'),
    ) as Expected;
    const frames = toFrames(readRecording(path.join(data, 'soccer-player-2.gnss.csv')));
    const startTime = new Date(expected.start_time).toISOString();

    let system = await startSystem(dataDir);
    const { credentials } = system;
    const bench = await newBench(system.url, credentials, {
      ownedFrom: startTime,
      birthDate: expected.birth_date,
    });
    const timeFrame = await bench.manager.api.ok('POST', '/api/v1/timeframes/', {
      start_time: startTime,
      end_time: new Date(expected.end_time).toISOString(),
      device: bench.device,
      activity: bench.activity,
      athlete: bench.athlete,
    });

    /** Sends the file; resolves with the number of samples accepted and known, or of requests acknowledged when it broke off. */
    const send = async (url: string, onRequest: (sent: number) => void = () => {}) => {
      const api = new Api(url, bench.ingestToken);
      let [accepted, duplicates] = [0, 0];
      for (let i = 0; i < frames.length; i += 100) {
        const body: readonly Frame[] = frames.slice(i, i + 100);
        const answer = await api.call('POST', `/api/v1/devices/${bench.device}/preprocessed/`, { body });
        expect(answer.status).toBe(202);
        accepted += answer.body.accepted;
        duplicates += answer.body.duplicates;
        onRequest(i + body.length);
      }
      return { accepted, duplicates };
    };

    let killed: Promise<void> | undefined;
    let acknowledged = 0;
    await expect(
      send(system.url, (sent) => {
        acknowledged = sent;
        if (sent >= frames.length / 2) killed ??= system.kill();
      }),
    ).rejects.toThrow();
    await killed;
    expect(acknowledged).toBeGreaterThanOrEqual(frames.length / 2);
    expect(acknowledged).toBeLessThan(frames.length);

    system = await startSystem(dataDir);
    try {
      const samples = (part: readonly Frame[]) =>
        part.reduce((n, { gnss }) => n + (gnss?.timestamp.length ?? 0), 0);
      const again = await send(system.url);
      expect(again.accepted + again.duplicates).toBe(samples(frames));
      // Every acknowledged sample was there; what was under way may have been, too.
      expect(again.duplicates).toBeGreaterThanOrEqual(samples(frames.slice(0, acknowledged)));
      expect((await send(system.url)).accepted).toBe(0);

      const api = await signIn(system.url, credentials, bench.manager.username, bench.manager.password);
      const document = await upToDate(api, timeFrame.id);
      const { last_computation: _, extensions, ...computed } = document;
      const { last_computation: _none, extensions: quality, ...wanted } = roundDocument(expected.computed);
      expect(computed).toEqual(wanted);
      expect(extensions.quality).toEqual(quality.quality);
    } finally {
      expect(await system.stop()).toBe(0);
    }
  });
});
