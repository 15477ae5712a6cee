import { parentPort, workerData } from 'node:worker_threads';
import type { PlanReport } from './commands/context.ts';
import { type DatabaseEngine, startDatabaseEngine } from './engine.ts';

/** What the thread is started with as `workerData`. */
export interface DatabaseWorkerData {
  readonly kind: 'database';
  readonly dataDir: string;
  readonly host?: string;
  readonly port?: number;
  /** Writes a line of JSON to the error output for each query that no index serves or that is sorted in memory. */
  readonly logSlowPlans?: boolean;
}

/** What the thread posts: `ready` once it serves, or `failed` with a message for the operator; then answers. */
export type DatabaseWorkerMessage =
  | { readonly ready: true; readonly port: number; readonly url: string }
  | { readonly failed: true; readonly message: string }
  /** Everything is copied, and nothing else happens until the gate is opened. */
  | { readonly moment: true }
  | { readonly answer: number }
  | { readonly refused: string };

/**
 * To the thread: copy the databases whose name ends so into a new file, and hold still when that is done until `gate`, an
 * int32, is no longer 0.
 */
export interface DatabaseWorkerQuestion {
  readonly ask: 'copy';
  readonly file: string;
  readonly nameEnd: string;
  readonly gate: SharedArrayBuffer;
}

const longestStillMs = 5_000;

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
      else if (isQuestion(message)) copy(engine, message, post);
    });
    post({ ready: true, port: engine.port, url: engine.url });
  } catch (error) {
    post({ failed: true, message: error instanceof Error ? error.message : String(error) });
  }
}

const isQuestion = (message: unknown): message is DatabaseWorkerQuestion =>
  typeof message === 'object' && message !== null && 'ask' in message;

function copy(
  engine: DatabaseEngine,
  { file, nameEnd, gate }: DatabaseWorkerQuestion,
  post: (message: DatabaseWorkerMessage) => void,
): void {
  try {
    engine.copyTo(file, nameEnd, () => {
      post({ moment: true });
      if (Atomics.wait(new Int32Array(gate), 0, 0, longestStillMs) === 'timed-out')
        throw new Error('whoever asked for the copy did not let the database go on');
    });
    post({ answer: 0 });
  } catch (error) {
    post({ refused: error instanceof Error ? error.message : String(error) });
  }
}

function logSlowPlan(report: PlanReport): void {
  if (report.plan === 'COLLSCAN' || report.sortedInMemory) console.error(JSON.stringify(report));
}
