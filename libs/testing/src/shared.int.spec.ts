import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeShared, sharedPath } from './shared.ts';

describe('the given material', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'shared-'));
    vi.stubEnv('TOUCHLINE_SHARED', folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  it('is found in the folder that the environment names, and is undefined when it is not there', () => {
    mkdirSync(join(folder, 'data'));
    expect(sharedPath('data')).toBe(join(folder, 'data'));
    expect(sharedPath('data', 'none.csv')).toBeUndefined();
  });

  it('skips a suite without it and prints why', () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const skip = vi.fn();
    const suite = Object.assign(vi.fn(), { skip });
    describeShared(suite, 'recordings', ['data'], () => undefined);
    expect(suite).not.toHaveBeenCalled();
    expect(skip.mock.calls[0]?.[0]).toContain('is not there (set TOUCHLINE_SHARED to its folder)');
    expect(log.mock.calls[0]?.[0]).toContain(`recordings: skipped: ${join(folder, 'data')}`);
  });

  it('hands its path to the suite', () => {
    mkdirSync(join(folder, 'data'));
    const paths: string[] = [];
    const suite = Object.assign((_name: string, tests: () => void) => tests(), { skip: vi.fn() });
    describeShared(suite, 'recordings', ['data'], (path) => paths.push(path));
    expect(paths).toEqual([join(folder, 'data')]);
  });
});
