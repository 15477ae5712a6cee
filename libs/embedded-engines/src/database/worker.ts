import { parentPort, workerData } from 'node:worker_threads';
import { type PlanReport } from './commands/context.ts';
import { startDatabaseEngine } from './engine.ts';

/** What the thread is started with as `workerData`. */
export interface DatabaseWorkerData {
  readonly kind: 'database';
  readonly dataDir: string;
  readonly host?: string;
  readonly port?: number;
  /** Writes a line of JSON to the error output for each query that no index serves or that is sorted in memory. */
  readonly logSlowPlans?: boolean;
}

/** What the thread posts: `ready` once it serves, or `failed` with a message for the operator. */
export type DatabaseWorkerMessage =
  | { readonly ready: true; readonly port: number; readonly url: string }
  | { readonly failed: true; readonly message: string };

if (parentPort !== null && (workerData as Partial<DatabaseWorkerData> | null)?.kind === 'database')
  await run(parentPort, workerData as DatabaseWorkerData);

/** Serves until the parent posts `close`. */
async function run(parent: NonNullable<typeof parentPort>, data: DatabaseWorkerData): Promise<void> {
  const post = (message: DatabaseWorkerMessage) => parent.postMessage(message);
  try {
    const { logSlowPlans = false, ...options } = data;
    const engine = await startDatabaseEngine({ ...options, ...(logSlowPlans && { onPlan: logSlowPlan }) });
    parent.on('message', (message) => {
      if (message === 'close') void engine.close().finally(() => parent.close());
    });
    post({ ready: true, port: engine.port, url: engine.url });
  } catch (error) {
    post({ failed: true, message: error instanceof Error ? error.message : String(error) });
  }
}

function logSlowPlan(report: PlanReport): void {
  if (report.plan === 'COLLSCAN' || report.sortedInMemory) console.error(JSON.stringify(report));
}
