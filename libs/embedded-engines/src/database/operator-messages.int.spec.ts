import { chmod, chown, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDatabaseEngine } from './engine.ts';
import { DatabaseFileError } from './errors.ts';
import { spawnEngine } from './testing/spawn-engine.ts';

/** A user without rights, for tests that run as root, whom no directory refuses. */
const nobody = 65_534;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'touchline-database-'));
  file = path.join(folder, 'database.sqlite');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function refusal(dataDir = folder, port = 0): Promise<Error> {
  const outcome = await startDatabaseEngine({ dataDir, port }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof Error) return outcome;
  throw new Error('the engine was expected not to start');
}

async function fill(): Promise<void> {
  const engine = await startDatabaseEngine({ dataDir: folder });
  const client = await MongoClient.connect(engine.url);
  const documents = Array.from({ length: 2_000 }, (_, i) => ({ i, text: 'x'.repeat(100) }));
  await client.db('d').collection('c').createIndex({ i: 1 });
  await client.db('d').collection('c').insertMany(documents);
  await client.close();
  await engine.close();
}

describe('a database that cannot start', () => {
  it('names a file that is no database, and says what to do', async () => {
    await writeFile(file, 'Dear diary, '.repeat(2000));
    const error = await refusal();
    expect(error).toBeInstanceOf(DatabaseFileError);
    expect(error.message).toBe(
      `${file}: the database file is damaged (file is not a database). Restore it from a backup; read models can also be rebuilt after moving it away, state cannot.`,
    );
  });

  it.each([0.3, 0.6, 0.9])('names a file that was overwritten at %d of its length', async (where) => {
    await fill();
    const handle = await open(file, 'r+');
    const { size } = await handle.stat();
    await handle.write(Buffer.alloc(16_384, 0xa5), 0, 16_384, Math.floor(size * where));
    await handle.close();
    expect((await refusal()).message).toContain(`${file}: the database file is damaged (`);
  });

  it('names a file of another format', async () => {
    await fill();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect((await refusal()).message).toBe(
      `${file}: the database file cannot be used (it has format 99, this program writes format 2).`,
    );
  });

  it('names a file in a directory that cannot be written', async () => {
    const dataDir = path.join(folder, 'data');
    await mkdir(dataDir);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await chown(folder, nobody, nobody);
    await chmod(dataDir, 0o555);
    await expect(spawnEngine(dataDir, isRoot ? { uid: nobody, gid: nobody } : {})).rejects.toThrow(
      `${path.join(dataDir, 'database.sqlite')}: the database file cannot be written (unable to open database file). Give this user write access to the directory, or choose another data directory.`,
    );
  });

  it('names a data directory that is a file', async () => {
    const dataDir = path.join(folder, 'data');
    await writeFile(dataDir, '');
    expect((await refusal(dataDir)).message).toContain(
      'database.sqlite: the data directory is not a directory (',
    );
  });

  it('says that another process has the file', async () => {
    const engine = await spawnEngine(folder);
    expect((await refusal()).message).toBe(
      `${file}: the database file is in use by another process. Stop that one, or choose another data directory.`,
    );
    await engine.close();
  });

  it('names a port that is taken, and leaves the file free', async () => {
    const first = await startDatabaseEngine({ dataDir: path.join(folder, 'a') });
    const dataDir = path.join(folder, 'b');
    expect((await refusal(dataDir, first.port)).message).toContain(
      `EADDRINUSE: address already in use 127.0.0.1:${first.port}`,
    );
    await first.close();
    await (await startDatabaseEngine({ dataDir })).close();
  });
});
