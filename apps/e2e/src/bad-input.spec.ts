import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { Api, newBench } from './api.ts';
import { command, freePort, newDataDir, removeDataDir, root } from './system.ts';

const folder = newDataDir();
afterAll(() => removeDataDir(folder));

const run = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, command(...args), {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });

describe('the import command', () => {
  const recording = (name: string, text: string) => {
    const file = path.join(folder, `${name}.gnss.csv`);
    writeFileSync(file, text);
    return file;
  };

  it('names the file and line of a broken cell, and sends nothing', () => {
    const file = recording(
      'broken',
      'timestamp,latitude,longitude,speed,altitude\n1637341832600,41.7,-9.1,fast,\n',
    );
    const { status, stderr } = run(['import', file, '--sport', 'soccer', '--data-dir', inject('dataDir')]);
    expect(status).not.toBe(0);
    expect(stderr).toBe(
      `${file}:2: speed "fast" is not a number, it would be like 4.25 or empty when missing\n`,
    );
  });

  it('names a missing file and an unknown sport', () => {
    expect(run(['import', `${folder}/none.gnss.csv`]).stderr).toContain('none.gnss.csv: no such file');
    expect(run(['import', recording('fine', 'timestamp\n'), '--sport', 'chess']).stderr).toContain(
      'not "chess"',
    );
  });
});

describe('ingest', () => {
  const [url, credentials] = [inject('url'), inject('credentials')];

  it('rejects a malformed frame with its index and reason, and takes the others', async () => {
    const bench = await newBench(url, credentials, { ownedFrom: '2024-05-01T12:00:00Z' });
    const t = Date.UTC(2024, 4, 1, 12);
    const gnss = { timestamp: [t], latitude: [46.5], longitude: [6.6], speed: [2], altitude: [null] };
    const answer = await new Api(url, bench.ingestToken).call(
      'POST',
      `/api/v1/devices/${bench.device}/preprocessed/`,
      {
        body: [
          { gnss },
          { gnss: { ...gnss, speed: ['2'] } },
          { gnss: { ...gnss, speed: [2, 3] } },
          { ecg: { timestamp: Date.now() + 2 * 86_400_000, hr: 100 } },
          7,
        ],
      },
    );
    expect(answer.status).toBe(202);
    expect(answer.body.accepted).toBe(1);
    expect(answer.body.rejected.map(({ index }: { index: number }) => index)).toEqual([1, 2, 3, 4]);
    for (const { reason } of answer.body.rejected) expect(reason).toMatch(/\w+/);
    expect(answer.body.rejected[0].reason).toContain('gnss.speed');
  });

  it('answers 404 for an unknown device and 401 for a wrong token', async () => {
    const bench = await newBench(url, credentials, { ownedFrom: '2024-05-01T12:00:00Z' });
    const device = new Api(url, bench.ingestToken);
    expect((await device.call('POST', '/api/v1/devices/999999/preprocessed/', { body: [] })).status).toBe(
      404,
    );
    const wrong = new Api(url, `${bench.ingestToken}x`);
    expect(
      (await wrong.call('POST', `/api/v1/devices/${bench.device}/preprocessed/`, { body: [] })).status,
    ).toBe(401);
  });
});

describe('the start command', () => {
  it('says that a second start on the directory of a running system is one too many', () => {
    const { status, stderr } = run(['start', '--data-dir', inject('dataDir')], { PORT: '1' });
    expect(status).not.toBe(0);
    expect(stderr).toContain(inject('dataDir'));
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('says that a port is busy', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const { status, stderr } = run(['start', '--data-dir', path.join(folder, 'busy')], { PORT: port });
    server.close();
    expect(status).not.toBe(0);
    expect(stderr).toContain(`Port ${port} cannot be used`);
  });

  it.each(['log.sqlite', 'database.sqlite'])(
    'names %s when it is no database, and does not start',
    async (name) => {
      const dataDir = path.join(folder, `corrupt-${name}`);
      mkdirSync(dataDir);
      const file = path.join(dataDir, name);
      writeFileSync(file, 'no database '.repeat(1000));
      const { status, stderr } = run(['start', '--data-dir', dataDir], { PORT: String(await freePort()) });
      expect(status).not.toBe(0);
      expect(stderr).toContain(file);
    },
  );

  it('names a data directory that cannot be written', async () => {
    const { status, stderr } = run(['start', '--data-dir', '/proc/touchline'], {
      PORT: String(await freePort()),
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain('/proc/touchline');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
