import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCredentials } from '../start/credentials.ts';
import { loadSecrets } from '../start/secrets.ts';
import { openDataDirectory } from './open.ts';
import { readRunFile, writeRunFile } from './run-file.ts';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'touchline-data-'));
});

afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

const modeOf = (file: string): number => statSync(path.join(dataDir, file)).mode & 0o777;
const json = (file: string): unknown => JSON.parse(readFileSync(path.join(dataDir, file), 'utf8'));

describe('the data directory', () => {
  it('is made with its parents, for its owner only', () => {
    const nested = path.join(dataDir, 'a/b');
    openDataDirectory(nested).release();
    expect(statSync(nested).mode & 0o777).toBe(0o700);
  });

  it('that cannot be written is named, with what to do', () => {
    const file = path.join(dataDir, 'file');
    writeFileSync(file, '');
    expect(() => openDataDirectory(path.join(file, 'x'))).toThrow(
      /^The data directory .*file\/x cannot be written: ENOTDIR.*Choose another with --data-dir or TOUCHLINE_DATA_DIR\.$/,
    );
  });

  it.skipIf(process.getuid?.() !== 0 && process.platform === 'win32')('that is read-only is named', () => {
    if (process.getuid?.() === 0) {
      // Permissions do not bind this user; the kernel's own directory binds everybody.
      expect(() => openDataDirectory('/proc/touchline')).toThrow(
        /\/proc\/touchline cannot be written: ENOENT/,
      );
      return;
    }
    chmodSync(dataDir, 0o500);
    expect(() => openDataDirectory(dataDir)).toThrow(/cannot be written: EACCES/);
  });

  it('whose lock file is damaged says that the file may go', () => {
    writeFileSync(
      path.join(dataDir, 'lock.sqlite'),
      'this is no database, whatever its name says'.repeat(100),
    );
    expect(() => openDataDirectory(dataDir)).toThrow(/lock\.sqlite cannot be taken: .*remove the file/);
  });

  it('is let go', () => {
    openDataDirectory(dataDir).release();
    openDataDirectory(dataDir).release();
  });
});

describe('secrets', () => {
  it('are made once, for their owner only', () => {
    const first = loadSecrets(dataDir);
    expect(loadSecrets(dataDir)).toEqual(first);
    expect(modeOf('secrets.json')).toBe(0o600);
    expect(Buffer.from(first.keys.masterKey, 'base64')).toHaveLength(32);
  });

  it('are not made anew for a directory that was in use', () => {
    loadCredentials(dataDir, {});
    expect(() => loadSecrets(dataDir)).toThrow(/secrets\.json is missing.*Restore it from a backup/);
  });

  it('that are damaged are named without their content', () => {
    writeFileSync(path.join(dataDir, 'secrets.json'), '{"master_key": "hunter2"');
    expect(() => loadSecrets(dataDir)).toThrow(/^\S*secrets\.json is not JSON\. Restore it from a backup\.$/);
    writeFileSync(path.join(dataDir, 'secrets.json'), '{"master_key": "hunter2"}');
    expect(() => loadSecrets(dataDir)).toThrow(/^\S*secrets\.json has no text "token_key"/);
  });
});

describe('credentials', () => {
  it('are made once, for their owner only', () => {
    const first = loadCredentials(dataDir, {});
    expect(first.isFirstStart).toBe(true);
    expect(json('credentials.json')).toEqual(first.credentials);
    expect(modeOf('credentials.json')).toBe(0o600);
    expect(loadCredentials(dataDir, {})).toEqual({ credentials: first.credentials, isFirstStart: false });
  });

  it('are those of the environment when it names any, and stay so', () => {
    const { credentials } = loadCredentials(dataDir, {
      TOUCHLINE_ADMIN_USERNAME: 'root',
      TOUCHLINE_ADMIN_PASSWORD: 'p',
      TOUCHLINE_CLIENT_ID: 'c',
      TOUCHLINE_CLIENT_SECRET: 's',
    });
    expect(credentials).toEqual({
      admin_username: 'root',
      admin_password: 'p',
      client_id: 'c',
      client_secret: 's',
    });
    expect(loadCredentials(dataDir, { TOUCHLINE_ADMIN_PASSWORD: '' }).credentials).toEqual(credentials);
  });
});

describe('the run file', () => {
  it('comes back as it was written, for its owner only', () => {
    const content = {
      url: 'http://127.0.0.1:1',
      pid: 2,
      eventstore_url: 'esdb://x',
      mongodb_url: 'mongodb://x',
      services: { identity: '127.0.0.1:3' },
      pids: { identity: 4 },
    };
    expect(readRunFile(dataDir)).toBeUndefined();
    writeRunFile(dataDir, content);
    expect(readRunFile(dataDir)).toEqual(content);
    expect(modeOf('run.json')).toBe(0o600);
  });
});
