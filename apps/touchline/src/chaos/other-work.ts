import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const OBSERVED_MS = 300;

/** The share of the machine's processors that is in use, 0 to 1: by others, while the system under test has no work. */
export async function shareInUse(): Promise<number> {
  const before = processorTimes();
  await delay(OBSERVED_MS);
  const after = processorTimes();
  return (after.busyMs - before.busyMs) / Math.max(1, after.allMs - before.allMs);
}

function processorTimes(): { busyMs: number; allMs: number } {
  const times = cpus().map((cpu) => cpu.times);
  const allMs = times.reduce(
    (sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq,
    0,
  );
  return { allMs, busyMs: allMs - times.reduce((sum, { idle }) => sum + idle, 0) };
}
