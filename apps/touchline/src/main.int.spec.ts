import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const entry = path.resolve(import.meta.dirname, '../touchline.mjs');

function touchline(args: readonly string[], { env = {}, nodeOptions = [] as string[] } = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=touchline-source', ...nodeOptions, entry, ...args],
    { encoding: 'utf8', env: { PATH: process.env['PATH'], ...env } },
  );
  return { status, stdout, stderr };
}

describe('the command', () => {
  it.each([[[]], [['help']], [['--help']]])('shows its usage for %j', (args) => {
    const { status, stdout } = touchline(args);
    expect(status).toBe(0);
    for (const name of ['start', 'engines', 'demo', 'import', 'bench', '--data-dir'])
      expect(stdout).toContain(name);
  });

  it('names a command that does not exist', () => {
    expect(touchline(['strat'])).toMatchObject({
      status: 64,
      stdout: '',
      stderr: expect.stringMatching(/^There is no command "strat"\.\n\nUsage: /),
    });
    expect(touchline(['constructor']).status).toBe(64);
  });

  it('names an option that does not exist', () => {
    expect(touchline(['start', '--data-dri', 'x'])).toMatchObject({
      status: 64,
      stderr: expect.stringContaining("Unknown option '--data-dri'"),
    });
  });

  it('says what a wrong PORT should be', () => {
    for (const port of ['0', '65536', 'http', '-1']) {
      expect(touchline(['start'], { env: { PORT: port } })).toEqual({
        status: 78,
        stdout: '',
        stderr: `PORT is wrong: expected a port from 1 to 65535, got "${port}".\n`,
      });
    }
  });

  it('says in one line that Node is too old', () => {
    const pretend = (version: string) =>
      `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`;
    for (const version of ['20.20.2', '24.6.0']) {
      const { status, stderr } = touchline(['help'], { nodeOptions: ['--import', pretend(version)] });
      expect(status).toBe(1);
      expect(stderr).toMatch(
        new RegExp(`^Touchline needs Node 24\\.7 or later, and this is ${version}\\..*\\n$`),
      );
    }
    expect(touchline(['help'], { nodeOptions: ['--import', pretend('26.0.0')] }).status).toBe(0);
  });
});
