import { startDatabaseEngine } from '../engine.ts';

/** The database in a process of its own, for tests that kill it. */
const [dataDir, port] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('usage: child-process.ts <data directory> [port]');
try {
  const engine = await startDatabaseEngine({ dataDir, port: Number(port ?? 0) });
  process.send?.({ url: engine.url });
  process.once('disconnect', () => void engine.close().finally(() => process.exit(0)));
} catch (error) {
  process.send?.({ failed: error instanceof Error ? error.message : String(error) });
  process.disconnect();
}
