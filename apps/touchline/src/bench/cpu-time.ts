import { readFile } from 'node:fs/promises';

/** Of Linux; a clock tick is 10 ms on every architecture that Node runs on. */
const TICK_MS = 10;

/** CPU time so far of processes by name, in ms; 0 where there is no /proc. */
export async function cpuTimes(pids: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const entries = Object.entries(pids).map(async ([name, pid]): Promise<[string, number]> => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // User and system time; the name before them may hold spaces.
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    return [name, (Number(user ?? 0) + Number(system ?? 0)) * TICK_MS];
  });
  return Object.fromEntries(await Promise.all(entries));
}
