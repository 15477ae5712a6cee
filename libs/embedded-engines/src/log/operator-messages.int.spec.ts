import { chmod, chown, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { startLogEngine } from './engine.ts';
import { spawnEngine } from './testing/spawn-engine.ts';

/** A user without rights, for tests that run as root, whom no directory refuses. */
const NOBODY = 65_534;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'touchline-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function filledLog(): Promise<string> {
  const engine = await startLogEngine({ dataDir: folder });
  const client = EventStoreDBClient.connectionString(engine.url);
  for (let batch = 0; batch < 20; batch += 1) {
    await client.appendToStream(
      `stream-${batch}`,
      Array.from({ length: 50 }, (_, number) => jsonEvent({ type: 'Counted', data: { number } })),
    );
  }
  void client.dispose();
  await engine.close();
  return path.join(folder, 'log.sqlite');
}

describe('the message of a log that cannot start', () => {
  it('names a file that is no database, and says what to do', async () => {
    const file = path.join(folder, 'log.sqlite');
    await writeFile(file, 'Dear diary, '.repeat(2000));
    await expect(startLogEngine({ dataDir: folder })).rejects.toMatchObject({
      code: 'database-corrupt',
      message: expect.stringMatching(
        new RegExp(
          `^The log's database ${file} is damaged: file is not a database\\. .*Restore the file .* from a backup`,
        ),
      ),
    });
  });

  it.each([0.25, 0.5, 0.9])('names a database that was overwritten at %d of its length', async (where) => {
    const file = await filledLog();
    const handle = await open(file, 'r+');
    const { size } = await handle.stat();
    await handle.write(Buffer.alloc(16_384, 0xa5), 0, 16_384, Math.floor(size * where));
    await handle.close();
    await expect(startLogEngine({ dataDir: folder })).rejects.toMatchObject({
      code: 'database-corrupt',
      message: expect.stringContaining(`The log's database ${file} is damaged: `),
    });
  });

  it('names a database of a later format', async () => {
    const file = await filledLog();
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(startLogEngine({ dataDir: folder })).rejects.toMatchObject({
      code: 'database-newer',
      message: `The database ${file} has the format 99; this version of Touchline reads format 1. Start the version that wrote it, or choose another data directory.`,
    });
  });

  it('names a data directory that cannot be written', async () => {
    const dataDir = path.join(folder, 'data');
    await mkdir(dataDir);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await chown(folder, NOBODY, NOBODY);
    await chmod(dataDir, 0o555);
    const file = path.join(dataDir, 'log.sqlite');
    await expect(spawnEngine(dataDir, isRoot ? { uid: NOBODY, gid: NOBODY } : {})).rejects.toThrow(
      `The log cannot write ${file}: EACCES: permission denied, open '${file}'. The data directory and the files in it must be writable by this user, and the disk must have room.`,
    );
  });

  it('names a data directory that is a file', async () => {
    const dataDir = path.join(folder, 'data');
    await writeFile(dataDir, '');
    await expect(startLogEngine({ dataDir })).rejects.toMatchObject({
      code: 'data-directory-unusable',
      message: expect.stringContaining(`The log cannot write ${path.join(dataDir, 'log.sqlite')}: EEXIST`),
    });
  });

  it('says that another process has the database', async () => {
    const engine = await spawnEngine(folder);
    await expect(startLogEngine({ dataDir: folder })).rejects.toMatchObject({
      code: 'database-in-use',
      message: `The log's database ${path.join(folder, 'log.sqlite')} is in use by another process. Stop that one, or choose another data directory.`,
    });
    await engine.close();
  });

  it('names a port that is taken, and leaves the database free', async () => {
    const first = await startLogEngine({ dataDir: path.join(folder, 'a') });
    const dataDir = path.join(folder, 'b');
    await expect(startLogEngine({ dataDir, port: first.port })).rejects.toMatchObject({
      code: 'address-unusable',
      message: expect.stringContaining(`The log cannot listen on 127.0.0.1:${first.port}: `),
    });
    await first.close();
    await (await startLogEngine({ dataDir })).close();
  });
});
