import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { freePort, newDataDir, removeDataDir, root } from './system.ts';

it('the compiled system starts without the sources’ condition, answers, and ends with 0', async () => {
  const build = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' });
  expect(build.stdout + build.stderr).toBe('');
  const dataDir = newDataDir();
  const child = spawn(
    process.execPath,
    [path.join(root, 'apps/touchline/dist/main.js'), 'start', '--data-dir', dataDir],
    {
      cwd: root,
      env: { ...process.env, PORT: String(await freePort()), NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const url = await new Promise<string>((resolve, reject) => {
      void exited.then((code) => reject(new Error(`it ended with ${code}`)));
      createInterface(child.stdout).on('line', (line) => {
        const ready = /^Touchline is ready at (\S+)$/.exec(line)?.[1];
        if (ready) resolve(ready);
      });
    });
    const answer = await fetch(`${url}/api/v1/openapi.json`);
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { openapi: string }).openapi).toMatch(/^3\.1\./);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
  } finally {
    child.kill('SIGKILL');
    removeDataDir(dataDir);
  }
});
