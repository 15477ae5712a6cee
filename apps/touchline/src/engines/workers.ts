import { Worker } from 'node:worker_threads';
import type { DatabaseWorkerQuestion, LogWorkerQuestion } from '@touchline/embedded-engines';

export type EngineKind = 'log' | 'database';

export interface EngineOptions {
  dataDir: string;
  /** 0: a free one. */
  port: number;
}

export interface RunningEngine {
  port: number;
  /**
   * Asks the thread something; one question at a time.
   *
   * @param onMoment called when the thread says that it holds still
   * @throws Error with the engine's own words
   */
  ask(question: LogWorkerQuestion | DatabaseWorkerQuestion, onMoment?: () => void): Promise<number>;
  /** Rejects when the thread ends without having been told to. */
  died: Promise<never>;
  /** Lets it finish what is under way. */
  close(): Promise<void>;
}

/** Starts an engine in a worker thread of its own. @throws Error with the engine's own words when it cannot start */
export async function startEngine(
  kind: EngineKind,
  { dataDir, port }: EngineOptions,
): Promise<RunningEngine> {
  const entry = new URL(import.meta.resolve(`@touchline/embedded-engines/${kind}/worker`));
  const worker = new Worker(entry, { workerData: { kind, dataDir, port }, name: kind });
  let closing = false;
  const exited = new Promise<number>((resolve) => worker.once('exit', resolve));
  const died = new Promise<never>((_resolve, reject) => {
    worker.once('error', (cause) =>
      reject(new Error(`The ${kind} engine died: ${cause.message}`, { cause })),
    );
    void exited.then((code) => {
      if (!closing) reject(new Error(`The ${kind} engine ended by itself with status ${code}.`));
    });
  });
  died.catch(() => undefined);
  const started = new Promise<number>((resolve, reject) => {
    worker.once('message', (message: WorkerMessage) => {
      if ('ready' in message) resolve(message.port);
      else reject(new Error(message.message));
    });
  });
  try {
    return {
      port: await Promise.race([started, died]),
      died,
      ask: (question, onMoment) => Promise.race([ask(worker, question, onMoment), died]),
      async close() {
        closing = true;
        worker.postMessage('close');
        await exited;
      },
    };
  } catch (error) {
    closing = true;
    await worker.terminate();
    throw error;
  }
}

type WorkerMessage = { ready: true; port: number } | { failed: true; message: string };
type WorkerAnswer = { moment: true } | { answer: number } | { refused: string };

function ask(
  worker: Worker,
  question: LogWorkerQuestion | DatabaseWorkerQuestion,
  onMoment?: () => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const hear = (said: WorkerAnswer) => {
      if ('moment' in said) return onMoment?.();
      worker.off('message', hear);
      if ('answer' in said) resolve(said.answer);
      else reject(new Error(said.refused));
    };
    worker.on('message', hear);
    worker.postMessage(question);
  });
}

export const eventstoreUrl = (port: number): string => `esdb://127.0.0.1:${port}?tls=false`;
export const mongodbUrl = (port: number): string => `mongodb://127.0.0.1:${port}/`;
