import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, expect, it } from 'vitest';
import { runFile } from './engines.ts';
import { family, freePort, newDataDir, removeDataDir, root } from './system.ts';

const dataDir = newDataDir();
afterAll(() => removeDataDir(dataDir));

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it('npm start runs no process but npm, the supervisor and its children, and ends them all at SIGTERM to npm', async () => {
  const npm = spawn('npm', ['start', '--', '--data-dir', dataDir], {
    cwd: root,
    env: { ...process.env, PORT: String(await freePort()), NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => npm.once('exit', (code) => resolve(code)));
  try {
    await new Promise<void>((resolve, reject) => {
      void exited.then((code) => reject(new Error(`it ended with ${code}`)));
      createInterface(npm.stdout).on('line', (line) => line.startsWith('Touchline is ready') && resolve());
    });
    const { pid, pids } = runFile(dataDir);
    const all = family(npm.pid!);
    // A shell between them would swallow the signal.
    expect(all.toSorted()).toEqual([npm.pid!, pid, ...Object.values(pids)].toSorted());
    npm.kill('SIGTERM');
    await exited;
    expect(all.filter(isAlive)).toEqual([]);
  } finally {
    for (const pid of family(npm.pid!)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
});
