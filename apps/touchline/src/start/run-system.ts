import { CommandError } from '../command-error.ts';
import { openDataDirectoryWhenFree } from '../data-directory/open.ts';
import { removeRunFile, type RunFile, writeRunFile } from '../data-directory/run-file.ts';
import { endRequested } from '../end-requested.ts';
import { eventstoreUrl, mongodbUrl } from '../engines/workers.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { credentialsEnv, credentialsFile, loadCredentials } from './credentials.ts';
import { freePorts, portProblem } from './free-ports.ts';
import { gatewayReady } from './gateway-ready.ts';
import { loadSecrets } from './secrets.ts';
import { type Context, contexts, inheritable, processGroups, type Topology } from './topology.ts';

const describeAgainMs = 1000;

export interface SystemOptions {
  dataDir: string;
  gatewayPort: number;
  /** Where the operator may name credentials and engines of his own; the rest is inherited. */
  env: Readonly<Record<string, string | undefined>>;
  /** The module that a process runs. */
  entryOf: Topology['entryOf'];
}

/**
 * Starts all processes and keeps them running until a signal, or until the channel to a parent closes.
 *
 * @throws CommandError when the system cannot run, or not any longer
 */
export async function runSystem(options: SystemOptions): Promise<void> {
  const { dataDir, gatewayPort } = options;
  const { ending, isEnding } = endRequested();
  const lock = await openDataDirectoryWhenFree(dataDir, isEnding);
  removeRunFile(dataDir);
  await checkPort(gatewayPort);
  const { topology, isFirstStart } = await plan(options);
  if (isFirstStart) {
    process.stdout.write(`The first ADMIN and OAuth client are in ${credentialsFile(dataDir)}\n`);
  }

  const url = `http://127.0.0.1:${gatewayPort}`;
  let isReady = false;
  const supervisor = new Supervisor({
    dataDir,
    groups: processGroups(topology),
    say: (line) => process.stderr.write(`${line}\n`),
    changed: () => describe(),
  });
  const describe = () => {
    if (!isReady) return;
    try {
      writeRunFile(dataDir, description());
    } catch (error) {
      // As on a full disk, which must not end what runs.
      process.stderr.write(`run.json cannot be written: ${error instanceof Error ? error.message : error}\n`);
      setTimeout(describe, describeAgainMs).unref();
    }
  };
  const description = (): RunFile => ({
    url,
    pid: process.pid,
    eventstore_url: topology.eventstoreUrl,
    mongodb_url: topology.mongodbUrl,
    services: Object.fromEntries(
      Object.entries(topology.servicePorts).map(([name, port]) => [name, `127.0.0.1:${port}`]),
    ),
    pids: supervisor.pids,
  });

  const stopped = new AbortController();
  supervisor.start();
  supervisor.ready
    .then(() => gatewayReady(url, stopped.signal))
    .then(
      () => {
        if (isEnding()) return;
        isReady = true;
        describe();
        process.stdout.write(`Touchline is ready at ${url}\n`);
      },
      // It ends before it was ready: the reason is told below.
      () => undefined,
    );

  const failure = await Promise.race([ending, supervisor.failed]).then(
    () => undefined,
    (error: Error) => error,
  );
  stopped.abort();
  isReady = false;
  removeRunFile(dataDir);
  await supervisor.drain();
  lock.release();
  if (failure) throw new CommandError(`Touchline has ended: ${failure.message}`, { cause: failure });
}

async function plan({ dataDir, gatewayPort, env, entryOf }: SystemOptions): Promise<{
  topology: Topology;
  isFirstStart: boolean;
}> {
  const secrets = loadSecrets(dataDir);
  const { credentials, isFirstStart } = loadCredentials(dataDir, env);
  const ports = await freePorts(contexts.length + 2);
  const [log = 0, database = 0] = ports.splice(contexts.length);
  const { EVENTSTORE_URL: eventstore = '', MONGODB_URL: mongodb = '' } = env;
  const topology: Topology = {
    dataDir,
    gatewayPort,
    servicePorts: Object.fromEntries(contexts.map((context, i) => [context, ports[i] ?? 0])) as Record<
      Context,
      number
    >,
    eventstoreUrl: eventstore || eventstoreUrl(log),
    mongodbUrl: mongodb || mongodbUrl(database),
    enginePorts: { ...(eventstore ? {} : { log }), ...(mongodb ? {} : { database }) },
    secrets,
    firstStartEnv: { ...credentialsEnv(credentials), ...operatorEnv(env) },
    inheritedEnv: inheritable(env),
    entryOf,
  };
  return { topology, isFirstStart };
}

/** How identity sends mails, and where its client's users are sent back to, is the operator's to say. */
function operatorEnv(env: SystemOptions['env']): Record<string, string> {
  const names = [
    'TOUCHLINE_SMTP_URL',
    'TOUCHLINE_MAIL_FROM',
    'TOUCHLINE_MAIL_DIR',
    'TOUCHLINE_CLIENT_REDIRECT_URIS',
  ] as const;
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

async function checkPort(port: number): Promise<void> {
  const problem = await portProblem('127.0.0.1', port);
  if (!problem) return;
  const why = problem.code === 'EADDRINUSE' ? 'something else listens on it' : problem.message;
  throw new CommandError(
    `Port ${port} cannot be used: ${why}. Choose another, such as PORT=${port === 8080 ? 8081 : 8080}.`,
    { cause: problem },
  );
}
