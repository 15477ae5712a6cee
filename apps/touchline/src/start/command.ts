import path from 'node:path';
import { parseArgs } from 'node:util';
import { dataDirectory } from '../client/options.ts';
import { CommandError } from '../command-error.ts';
import { openDataDirectory } from '../data-directory/open.ts';
import { removeRunFile, writeRunFile } from '../data-directory/run-file.ts';
import { endRequested } from '../end-requested.ts';
import { eventstoreUrl, mongodbUrl } from '../engines/workers.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { credentialsEnv, credentialsFile, loadCredentials } from './credentials.ts';
import { freePorts, portProblem } from './free-ports.ts';
import { gatewayReady } from './gateway-ready.ts';
import { loadSecrets } from './secrets.ts';
import { inheritable, processGroups, type Topology } from './topology.ts';

/** Runs the whole system until a signal, or until the channel to a parent that made one closes. */
export async function start(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { 'data-dir': { type: 'string' } } });
  const { ending, isEnding } = endRequested();
  const dataDir = dataDirectory(values['data-dir']);
  const gatewayPort = readPort(process.env['PORT']);
  const lock = openDataDirectory(dataDir);
  removeRunFile(dataDir);
  await checkPort(gatewayPort);
  const { topology, isFirstStart } = await plan(dataDir, gatewayPort);
  if (isFirstStart) {
    process.stdout.write(`The first ADMIN and OAuth client are in ${credentialsFile(dataDir)}\n`);
  }

  const url = `http://127.0.0.1:${gatewayPort}`;
  let isReady = false;
  const supervisor = new Supervisor({
    dataDir,
    groups: processGroups(topology),
    say: (line) => process.stderr.write(`${line}\n`),
    changed: () => isReady && describe(),
  });
  const describe = () => {
    const services = Object.entries(topology.servicePorts).map(([name, port]) => [name, `127.0.0.1:${port}`]);
    writeRunFile(dataDir, {
      url,
      pid: process.pid,
      eventstore_url: topology.eventstoreUrl,
      mongodb_url: topology.mongodbUrl,
      services: Object.fromEntries(services),
      pids: supervisor.pids,
    });
  };

  const stopped = new AbortController();
  supervisor.start();
  const announced = supervisor.ready
    .then(() => gatewayReady(url, stopped.signal))
    .then(() => {
      if (isEnding()) return;
      isReady = true;
      describe();
      process.stdout.write(`Touchline is ready at ${url}\n`);
    });
  announced.catch(() => undefined);

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

async function plan(
  dataDir: string,
  gatewayPort: number,
): Promise<{ topology: Topology; isFirstStart: boolean }> {
  const secrets = loadSecrets(dataDir);
  const { credentials, isFirstStart } = loadCredentials(dataDir, process.env);
  const [identity = 0, permission = 0, activity = 0, telemetry = 0, computation = 0, log = 0, database = 0] =
    await freePorts(7);
  const { EVENTSTORE_URL: eventstore = '', MONGODB_URL: mongodb = '' } = process.env;
  const topology: Topology = {
    dataDir,
    gatewayPort,
    servicePorts: { identity, permission, activity, telemetry, computation },
    eventstoreUrl: eventstore || eventstoreUrl(log),
    mongodbUrl: mongodb || mongodbUrl(database),
    enginePorts: { ...(eventstore ? {} : { log }), ...(mongodb ? {} : { database }) },
    secrets,
    firstStartEnv: credentialsEnv(credentials),
    inheritedEnv: { ...inheritable(process.env), NODE_COMPILE_CACHE: compileCache },
    entryOf,
  };
  return { topology, isFirstStart };
}

const here = import.meta.dirname;
const extension = path.extname(import.meta.filename);
const compileCache = path.resolve(here, '../../../../node_modules/.cache/touchline');

/** Sources start sources and compiled files compiled ones. */
function entryOf(name: string): string {
  const built = path.basename(path.dirname(here));
  return name === 'engines'
    ? path.resolve(here, `../engines/process${extension}`)
    : path.resolve(here, '../../..', name, built, `main${extension}`);
}

function readPort(given: string | undefined): number {
  if (given === undefined || given === '') return 8080;
  const port = /^[0-9]{1,5}$/.test(given) ? Number(given) : 0;
  if (port < 1 || port > 65_535) {
    throw new CommandError(`PORT is wrong: expected a port from 1 to 65535, got ${JSON.stringify(given)}.`, {
      exitCode: 78,
    });
  }
  return port;
}

async function checkPort(port: number): Promise<void> {
  const problem = await portProblem('127.0.0.1', port);
  if (!problem) return;
  const why = problem.code === 'EADDRINUSE' ? 'something else listens on it' : problem.message;
  throw new CommandError(
    `Port ${port} cannot be used: ${why}. Choose another, such as PORT=${port === 8080 ? 8081 : 8080}.`,
    {
      cause: problem,
    },
  );
}
