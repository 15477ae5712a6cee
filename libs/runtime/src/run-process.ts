import { flushCompileCache } from 'node:module';
import { type Config, ConfigError, type ConfigTable, parseConfig, renderConfigTable } from './config.ts';
import { exitCodes } from './exit-codes.ts';
import { isSupervised, isToChild, tellSupervisor } from './ipc.ts';
import { createLogger, type Logger } from './logging.ts';
import { processSettings } from './settings.ts';

/** Without a supervisor that says how long draining may take. */
const defaultGraceMs = 8000;

export type ProcessState = 'starting' | 'ready' | 'draining';

export interface ProcessTools {
  logger: Logger;
  /** Aborts when the process is to end, also while it starts. */
  signal: AbortSignal;
  /** The holder's name for leases. */
  instance: string;
  /** For health answers. */
  state(): ProcessState;
}

export interface RunningProcess {
  /** Finishes what is under way. The process exits when it settles, or when its time is over. */
  stop(): Promise<void>;
  /** When the process may be called ready; at once when left out. */
  ready?: Promise<unknown>;
  /** The port it listens on. */
  port?: number;
}

export interface ProcessOptions<Table extends ConfigTable> {
  name: string;
  /** `processSettings` are added to it. */
  config: Table;
  start(config: Config<Table>, tools: ProcessTools): Promise<RunningProcess>;
}

/**
 * Runs a process until it is told to end: by SIGTERM, SIGINT or SIGHUP, or, under a supervisor, by its message (signals are
 * ignored then). It exits when the supervisor's channel closes. `--help` prints the table of settings.
 */
export async function runProcess<Table extends ConfigTable>(options: ProcessOptions<Table>): Promise<void> {
  const table = { ...options.config, ...processSettings };
  if (process.argv.includes('--help')) {
    process.stdout.write(
      `Settings of ${options.name}, from the environment:\n\n${renderConfigTable(table)}\n`,
    );
    return;
  }
  const config = await readConfig(options.name, table);
  const { instance, logLevel } = config as Config<typeof processSettings>;
  const logger = createLogger({ name: options.name, level: logLevel, instance });
  const ending = new AbortController();
  let state: ProcessState = 'starting';

  const fail = async (error: unknown, what: string, exitCode: number): Promise<never> => {
    logger.fatal({ err: error }, what);
    await tellSupervisor({
      type: 'failed',
      message: `${what} ${error instanceof Error ? error.message : error}`,
    });
    process.exit(exitCode);
  };
  const onUncaught = (error: unknown) =>
    void fail(error, `${options.name} met an error that nothing caught:`, exitCodes.uncaught);
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onUncaught);

  // Until then it runs, also with nothing to wait for.
  setInterval(() => undefined, 2 ** 30);
  const end = onEndRequested((graceMs) => {
    if (ending.signal.aborted) return;
    state = 'draining';
    logger.info({ grace_ms: graceMs }, 'draining');
    ending.abort(new Error(`${options.name} is ending.`));
    setTimeout(() => {
      logger.warn({ grace_ms: graceMs }, 'draining took too long: ending with work under way');
      process.exit(exitCodes.ok);
    }, graceMs).unref();
  });

  try {
    const tools = { logger, signal: ending.signal, instance, state: () => state };
    // A start that is given up has acknowledged nothing.
    const running = await Promise.race([options.start(config, tools), end]);
    if (!running) process.exit(exitCodes.ok);
    await Promise.race([running.ready, end]);
    if (state === 'starting') {
      state = 'ready';
      await tellSupervisor({ type: 'ready', ...(running.port === undefined ? {} : { port: running.port }) });
      logger.info({ port: running.port, started_ms: Math.round(performance.now()) }, 'ready');
      flushCompileCache();
    }
    await end;
    await running.stop();
  } catch (error) {
    if (ending.signal.aborted) logger.warn({ err: error }, 'an error while ending');
    else await fail(error, `${options.name} could not start:`, exitCodes.failed);
  }
  logger.info('ended');
  process.exit(exitCodes.ok);
}

async function readConfig<Table extends ConfigTable>(name: string, table: Table): Promise<Config<Table>> {
  try {
    return parseConfig(table, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(error.problems.map((problem) => `${name}: ${problem}\n`).join(''));
    await tellSupervisor({ type: 'failed', message: error.message });
    process.exit(exitCodes.config);
  }
}

/** Resolves after the first request to end; `onRequest` hears of all. */
function onEndRequested(onRequest: (graceMs: number) => void): Promise<void> {
  return new Promise((resolve) => {
    const request = (graceMs: number) => {
      onRequest(graceMs);
      resolve();
    };
    const supervised = isSupervised();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (!supervised) request(defaultGraceMs);
      });
    }
    if (!supervised) return;
    process.on('message', (message) => {
      if (isToChild(message)) request(message.graceMs);
    });
    // The supervisor is gone, and its successor may start at once: nothing may be left that writes.
    process.on('disconnect', () => process.exit(exitCodes.failed));
  });
}
