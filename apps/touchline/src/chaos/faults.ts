import { setTimeout as delay } from 'node:timers/promises';
import type { SystemUnderTest } from './system-under-test.ts';

/** Something that goes wrong; resolves when it is over, as far as that lies with whoever did it. */
export interface Fault {
  readonly name: string;
  strike(system: SystemUnderTest): Promise<void>;
}

const kill = (...names: string[]): Fault => ({
  name: `kill -9 ${names.join(' + ')}`,
  strike: (system) => Promise.resolve(system.signal(names, 'SIGKILL')),
});

const pauseFor = (name: string, seconds: number): Fault => ({
  name: `SIGSTOP ${name} for ${seconds} s`,
  async strike(system) {
    const paused = system.running.pids[name] ?? 0;
    process.kill(paused, 'SIGSTOP');
    try {
      await delay(seconds * 1000);
    } finally {
      process.kill(paused, 'SIGCONT');
    }
  },
});

const killAll: Fault = { name: 'kill -9 all', strike: (system) => system.killAllAndStart() };

/** @param names of the processes; the quick form leaves out what takes long */
export function faults(names: readonly string[], quick: boolean): readonly Fault[] {
  const alone = names.map((name) => kill(name));
  const several = [kill('activity', 'telemetry', 'gateway'), kill('engines', 'identity', 'computation')];
  if (quick) return [...alone, several[0]!, killAll, pauseFor('activity', 2)];
  return [...alone, ...several, killAll, killAll, ...names.map((name) => pauseFor(name, 30))];
}
