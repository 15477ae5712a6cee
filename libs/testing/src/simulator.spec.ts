import { expect, it } from 'vitest';
import { type SimulatedFrame, simulateMatch } from './simulator.ts';

function play(seconds: number, seed = 1): SimulatedFrame[][] {
  const match = simulateMatch({ seed, startMs: 1_700_000_000_000, players: 22 });
  return Array.from({ length: seconds }, () => match.next().value);
}

it('plays the same match for the same seed and another one for another', () => {
  expect(play(20)).toEqual(play(20));
  expect(play(20)).not.toEqual(play(20, 2));
});

it('gives each player ten positions and one heart rate a second, in time order', () => {
  const [first, second] = play(2);
  expect(first).toHaveLength(22);
  const frame = second?.[0];
  expect(frame?.gnss.timestamp).toEqual(Array.from({ length: 10 }, (_, i) => 1_700_000_001_000 + i * 100));
  for (const column of Object.values(frame?.gnss ?? {})) expect(column).toHaveLength(10);
  expect(frame?.ecg.timestamp).toBe(1_700_000_001_000);
});

it('stays within what players can do', () => {
  const seconds = 600;
  const match = play(seconds);
  for (let player = 0; player < 22; player += 1) {
    const speeds = match.flatMap((frames) => frames[player]?.gnss.speed ?? []);
    const distance = speeds.reduce((sum, v) => sum + v / 10, 0);
    expect(distance).toBeGreaterThan(500);
    expect(distance).toBeLessThan(2200);
    expect(Math.max(...speeds)).toBeLessThan(9.2);
    const jumps = speeds.slice(1).map((v, i) => Math.abs(v - (speeds[i] ?? 0)) * 10);
    expect(Math.max(...jumps)).toBeLessThan(6);
    const rates = match.map((frames) => frames[player]?.ecg.hr ?? 0);
    expect(Math.min(...rates)).toBeGreaterThan(60);
    expect(Math.max(...rates)).toBeLessThan(200);
    const latitudes = match.flatMap((frames) => frames[player]?.gnss.latitude ?? []);
    expect(Math.max(...latitudes) - Math.min(...latitudes)).toBeLessThan(110 / 111_195);
  }
});
