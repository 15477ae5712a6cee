import { enableCompileCache } from 'node:module';
import path from 'node:path';
import { CommandError } from './command-error.ts';
import { usage } from './usage.ts';

/** Each loads only its own modules. */
const commands: Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<void>>>> = {
  start: async () => (await import('./start/command.ts')).start,
  engines: async () => (await import('./engines/command.ts')).engines,
  demo: async () => (await import('./demo/demo.ts')).demo,
  import: async () => (await import('./import/import.ts')).importRecordings,
  secrets: async () => (await import('./secrets.ts')).secrets,
  backup: async () => (await import('./backup/command.ts')).backup,
  restore: async () => (await import('./backup/restore.ts')).restore,
  rebuild: async () => (await import('./rebuild/command.ts')).rebuild,
  chaos: async () => (await import('./chaos/command.ts')).chaos,
  bench: async () => (await import('./bench/bench.ts')).bench,
};

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help') {
    process.stdout.write(usage);
    return 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    process.stderr.write(`There is no command "${name}".\n\n${usage}`);
    return 64;
  }
  enableCompileCache(path.resolve(import.meta.dirname, '../../../node_modules/.cache/touchline'));
  try {
    const run = await load();
    await run(args);
    return 0;
  } catch (error) {
    if (error instanceof CommandError) {
      process.stderr.write(`${error.message}\n`);
      return error.exitCode;
    }
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      process.stderr.write(`${error.message}\n\n${usage}`);
      return 64;
    }
    throw error;
  }
}

process.exit(await main(process.argv.slice(2)));
