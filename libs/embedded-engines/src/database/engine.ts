import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { PlanListener } from './commands/context.ts';
import { Cursors } from './commands/cursors.ts';
import { Store } from './storage/store.ts';
import { type BufferBudget, Connection } from './wire/connection.ts';
import { Dispatcher, type FaultListener } from './wire/dispatcher.ts';
import { maxConnections } from './wire/limits.ts';

export interface DatabaseEngineOptions {
  /** Where `database.sqlite` lies or is made. */
  readonly dataDir: string;
  readonly host?: string;
  /** 0 for a free one. */
  readonly port?: number;
  readonly onPlan?: PlanListener;
  readonly onFault?: FaultListener;
}

export interface DatabaseEngine {
  readonly port: number;
  readonly url: string;
  /**
   * Copies the databases whose name ends so into a new file, as of one moment, at which `atThatMoment` is called. Nothing
   * is answered meanwhile.
   *
   * @throws Error of SQLite when the file cannot be written
   */
  copyTo(file: string, nameEnd: string, atThatMoment: () => void): void;
  /** Answers what was asked, ends all connections and closes the file. */
  close(): Promise<void>;
}

const housekeepingMs = 1_000;

/**
 * A server that speaks MongoDB's wire protocol over one SQLite file.
 * Throws a `DatabaseFileError` that names the file when it cannot be used.
 */
export async function startDatabaseEngine(options: DatabaseEngineOptions): Promise<DatabaseEngine> {
  const { dataDir, host = '127.0.0.1', port = 0, onPlan, onFault = logFault } = options;
  const store = new Store(dataDir);
  const cursors = new Cursors();
  const dispatcher = new Dispatcher({ store, cursors, onPlan }, onFault);
  const sockets = new Set<Socket>();
  const budget: BufferBudget = { used: 0 };
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    connections = (connections + 1) & 0x7fffffff;
    new Connection(socket, connections, dispatcher, budget, onFault);
  });
  server.maxConnections = maxConnections;
  try {
    await listen(server, port, host);
  } catch (error) {
    await store.close();
    throw error;
  }
  const housekeeping = setInterval(() => dispatcher.housekeep(), housekeepingMs).unref();
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    url: `mongodb://${host}:${address.port}/`,
    copyTo(file, nameEnd, atThatMoment) {
      dispatcher.commit();
      store.copyTo(file, (name) => name.endsWith(nameEnd), atThatMoment);
    },
    async close() {
      clearInterval(housekeeping);
      const closed = new Promise((resolve) => server.close(resolve));
      dispatcher.commit();
      await dispatcher.sync();
      for (const socket of sockets) socket.destroySoon();
      await closed;
      dispatcher.commit();
      await dispatcher.sync();
      await store.close();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, 4096, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function logFault(message: string, error: unknown): void {
  console.error(message, error);
}
