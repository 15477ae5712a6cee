import type { TestProject } from 'vitest/node';
import { newDataDir, removeDataDir, startSystem } from './system.ts';

/** One system for all specs that do not harm it. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const dataDir = newDataDir();
  const system = await startSystem(dataDir);
  provide('url', system.url);
  provide('dataDir', dataDir);
  provide('credentials', system.credentials);
  return async () => {
    await system.stop();
    removeDataDir(dataDir);
  };
}
