import { Server, ServerCredentials } from '@grpc/grpc-js';

import { EngineError } from './errors.ts';
import type { Outgoing } from './service/outgoing.ts';
import { addServices } from './service/services.ts';
import { LogStore } from './store/log-store.ts';

export interface LogEngineOptions {
  /** Made when it is missing. The log lies in `log.sqlite` in it. */
  readonly dataDir: string;
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
}

export interface LogEngine {
  readonly port: number;
  /** A connection string for EventStoreDB's clients. */
  readonly url: string;
  /** Of the last event that is durable; 0 when there is none. */
  readonly position: number;
  /**
   * Copies the log into a new file while it goes on: all that was durable at the call, and maybe some of what came since.
   *
   * @throws Error of SQLite when the file cannot be written
   */
  copyTo(file: string): Promise<number>;
  /** Refuses new calls, finishes the appends that have begun, ends subscriptions and lets go of the database. */
  close(): Promise<void>;
}

/** Above the limit of one append, so that one too large is told so instead of losing its connection. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
/** Calls that have not ended by then are cut off. */
const CLOSE_GRACE_MS = 2000;

/**
 * Serves EventStoreDB's streams protocol over a SQLite file, without TLS and without users.
 * @throws EngineError when the data directory, the database or the address cannot be used.
 */
export async function startLogEngine({
  dataDir,
  host = '127.0.0.1',
  port = 0,
}: LogEngineOptions): Promise<LogEngine> {
  const store = LogStore.open(dataDir);
  const open = new Set<Outgoing>();
  const server = new Server({ 'grpc.max_receive_message_length': MAX_REQUEST_BYTES });
  addServices(server, store, open);
  let bound: number;
  try {
    bound = await listen(server, host, port);
  } catch (error) {
    server.forceShutdown();
    store.close();
    throw error;
  }
  return {
    port: bound,
    url: `esdb://${host}:${bound}?tls=false`,
    get position() {
      return store.lastCommitted;
    },
    copyTo: (file) => store.copyTo(file),
    close: () => close(server, store, open),
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) return resolve(bound);
      const message = `The log cannot listen on ${host}:${port}: ${error.message}. Is the port in use? Choose another, or 0 for a free one.`;
      reject(new EngineError('address-unusable', message, error));
    });
  });
}

async function close(server: Server, store: LogStore, open: Set<Outgoing>): Promise<void> {
  const down = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  for (const call of open) call.shutDown();
  const cutOff = setTimeout(() => server.forceShutdown(), CLOSE_GRACE_MS);
  await down;
  clearTimeout(cutOff);
  store.close();
}
