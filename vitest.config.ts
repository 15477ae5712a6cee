import { defineConfig } from 'vitest/config';

// Workspace packages are loaded from their TypeScript sources, as the processes of `npm start` load them.
const resolve = { conditions: ['touchline-source'] };
const shared = {
  resolve,
  ssr: { resolve },
};
const exclude = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    reporters: ['default', './tools/total-reporter.ts'],
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['{libs,apps,tools,deploy}/**/*.spec.ts'],
          exclude: [...exclude, '**/*.int.spec.ts', 'apps/e2e/**'],
          // Pure tests share their workers: loading each module once takes a sixth of the time.
          isolate: false,
          pool: 'threads',
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          include: ['{libs,apps,tools,deploy}/**/*.int.spec.ts'],
          exclude: [...exclude, 'apps/e2e/**'],
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['apps/e2e/**/*.spec.ts'],
          exclude,
          pool: 'forks',
          globalSetup: 'apps/e2e/src/global-setup.ts',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
