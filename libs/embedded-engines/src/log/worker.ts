import { parentPort, workerData } from 'node:worker_threads';

import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';

import { type LogEngine, startLogEngine } from './engine.ts';

/** What the thread is started with. */
export interface LogWorkerData {
  readonly kind: 'log';
  readonly dataDir: string;
  readonly host?: string;
  readonly port: number;
}

/** What the thread says: `ready` once it serves, or `failed` with a message for the operator; then answers. */
export type LogWorkerMessage =
  | { readonly ready: true; readonly port: number }
  | { readonly failed: true; readonly message: string }
  | { readonly answer: number }
  | { readonly refused: string };

/** Questions to the thread, one at a time: where the log ends, or to be copied into a file (the answer is its size in pages). */
export type LogWorkerQuestion =
  { readonly ask: 'position' } | { readonly ask: 'copy'; readonly file: string };

/** Runs the log in this thread until the message `close`. */
async function main(data: LogWorkerData): Promise<void> {
  // What it would print is in the errors that it throws.
  setLogVerbosity(logVerbosity.NONE);
  const say = (message: LogWorkerMessage): void => parentPort?.postMessage(message);
  try {
    const engine = await startLogEngine(data);
    parentPort?.on('message', (message: unknown) => {
      if (message === 'close') void engine.close().finally(() => parentPort?.close());
      else if (isQuestion(message))
        void answer(engine, message).then(
          (value) => say({ answer: value }),
          (error: unknown) => say({ refused: error instanceof Error ? error.message : String(error) }),
        );
    });
    say({ ready: true, port: engine.port });
  } catch (error) {
    say({ failed: true, message: error instanceof Error ? error.message : String(error) });
  }
}

async function answer(engine: LogEngine, question: LogWorkerQuestion): Promise<number> {
  return question.ask === 'position' ? engine.position : engine.copyTo(question.file);
}

const isQuestion = (message: unknown): message is LogWorkerQuestion =>
  typeof message === 'object' && message !== null && 'ask' in message;

const data: unknown = workerData;
const isLogWorkerData = (value: unknown): value is LogWorkerData =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'log';
if (isLogWorkerData(data)) await main(data);
