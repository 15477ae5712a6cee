import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventLog } from '@touchline/event-log';
import { operator, readModelsClient, RebuildPhase, serviceToken, TokenSigner } from '@touchline/rpc';
import { simulateMatch, type SimulatedFrame } from '@touchline/testing/simulator';
import { upToDate } from '../client/computed.ts';
import { ingest } from '../client/ingest.ts';
import { findOrStartSystem } from '../client/system.ts';
import { readRunFile, type RunFile } from '../data-directory/run-file.ts';
import { assemble, KICK_OFF_MS, PLAYERS, type Player, SEED } from '../demo/demo.ts';
import { loadSecrets } from '../start/secrets.ts';
import type { Figure } from './bench.ts';
import { residentMb } from './resident-memory.ts';

/** REPLAY_MINUTES plays a shorter match, to try the bench out. */
const MINUTES = Number(process.env['REPLAY_MINUTES'] ?? 90);
/** The log of a part of the match, with whose rebuild the memory is compared. */
const PART = 0.25;
const READS = 3;
const WAITS_AT_MOST_MS = 3_600_000;
const SAMPLE_EVERY_MS = 50;

type Match = ReturnType<typeof simulateMatch>;

/** Sends so many seconds of play, each second of each player in a request, and so an event, of its own. */
async function play(match: Match, players: readonly Player[], seconds: number): Promise<void> {
  const frames: SimulatedFrame[][] = players.map(() => []);
  for (let second = 0; second < seconds; second += 1)
    match.next().value.forEach((frame, player) => frames[player]?.push(frame));
  await Promise.all(
    players.map(async ({ device, deviceId }, player) => {
      for (const frame of frames[player] ?? []) await ingest(device, deviceId, [frame]);
    }),
  );
}

/** Reads the whole log and does nothing with it. */
async function readAll({ eventstore_url: url }: RunFile): Promise<{ events: number; perSecond: number }> {
  const log = EventLog.connect({ url });
  try {
    const begunMs = performance.now();
    let events = 0;
    for await (const _event of log.readAll()) events += 1;
    return { events, perSecond: (events * 1000) / (performance.now() - begunMs) };
  } finally {
    await log.close();
  }
}

/** Rebuilds a context; the time is that to the switch, the memory the greatest of its process until then. */
async function rebuild(
  dataDir: string,
  running: RunFile,
  context: string,
): Promise<{ seconds: number; peakMb: number }> {
  const token = serviceToken(TokenSigner.fromPrivateJwk(loadSecrets(dataDir).keys.serviceKey), operator);
  const client = readModelsClient(running.services[context] ?? '', token);
  const pid = running.pids[context] ?? 0;
  let peakMb = await residentMb(pid);
  const sampling = setInterval(() => {
    void residentMb(pid).then((mb) => (peakMb = Math.max(peakMb, mb)));
  }, SAMPLE_EVERY_MS);
  const begunMs = performance.now();
  let seconds = NaN;
  try {
    for await (const { phase } of client.rebuild({}, { timeoutMs: WAITS_AT_MOST_MS })) {
      if (phase < RebuildPhase.SWITCHED || !Number.isNaN(seconds)) continue;
      seconds = (performance.now() - begunMs) / 1000;
      clearInterval(sampling);
    }
  } finally {
    clearInterval(sampling);
    client.close();
  }
  return { seconds, peakMb };
}

/**
 * The rebuild of what is computed of a match of 22 players in one-second frames, beside a read of the same log by the
 * same client that does nothing, and the memory that it takes, beside that for a part of the match.
 */
export async function* benchReplay(): AsyncIterable<Figure> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'touchline-bench-'));
  try {
    const system = await findOrStartSystem(dataDir);
    try {
      const { api, players } = await assemble(system, KICK_OFF_MS, MINUTES);
      const match = simulateMatch({ seed: SEED, startMs: KICK_OFF_MS, players: PLAYERS });
      const running = readRunFile(dataDir);
      if (!running) throw new Error('The system has no run.json.');
      const settled = () => Promise.all(players.map(({ timeFrame }) => upToDate(api, timeFrame)));
      const partSeconds = Math.round(MINUTES * 60 * PART);
      await play(match, players, partSeconds);
      await settled();
      await rebuild(dataDir, running, 'computation');
      const part = await rebuild(dataDir, running, 'computation');
      await play(match, players, MINUTES * 60 - partSeconds);
      await settled();
      const reads = [];
      for (let i = 0; i < READS; i += 1) reads.push(await readAll(running));
      const whole = await rebuild(dataDir, running, 'computation');
      const bare = reads.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(READS / 2)];
      if (!bare) throw new Error('The log was not read.');
      const perSecond = bare.events / whole.seconds;
      yield {
        name: `rebuild of ${bare.events} events, against reading them`,
        value: perSecond,
        unit: 'events/s',
        baseline: bare.perSecond,
        ratio: perSecond / bare.perSecond,
        goal: 'ratio >= 0.3',
        met: perSecond / bare.perSecond >= 0.3,
      };
      yield {
        name: `greatest memory of the process, against a log of ${PART * 100} % of that`,
        value: whole.peakMb,
        unit: 'MB',
        baseline: part.peakMb,
        ratio: whole.peakMb / part.peakMb,
        goal: 'ratio <= 1.3',
        met: whole.peakMb / part.peakMb <= 1.3,
      };
    } finally {
      await system.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
