import type { ChildSpec } from '../supervisor/supervised-child.ts';
import type { Secrets } from './secrets.ts';

export const contexts = [
  'identity',
  'permission',
  'activity',
  'telemetry',
  'computation',
  'webhooks',
] as const;
export type Context = (typeof contexts)[number];

export interface Topology {
  dataDir: string;
  gatewayPort: number;
  servicePorts: Readonly<Record<Context, number>>;
  eventstoreUrl: string;
  mongodbUrl: string;
  /** Of the engines that are served from the data directory; none when both are elsewhere. */
  enginePorts: { log?: number; database?: number };
  secrets: Secrets;
  /** Identity creates them when they are absent. */
  firstStartEnv: Readonly<Record<string, string>>;
  /** What every child inherits. */
  inheritedEnv: Readonly<Record<string, string>>;
  /** The module that a process runs. */
  entryOf: (name: 'engines' | 'gateway' | Context) => string;
}

/** Engines get 2 s, services 2.5 s, the gateway 3.5 s: the whole ends within 10 s. */
const graceMs = { gateway: 3500, services: 2500, engines: 2000 };

/** The processes of the system in the order in which they are drained. */
export function processGroups(topology: Topology): { children: ChildSpec[]; graceMs: number }[] {
  const { enginePorts } = topology;
  const hasEngines = enginePorts.log !== undefined || enginePorts.database !== undefined;
  return [
    { children: [gateway(topology)], graceMs: graceMs.gateway },
    { children: contexts.map((context) => service(context, topology)), graceMs: graceMs.services },
    { children: hasEngines ? [engines(topology)] : [], graceMs: graceMs.engines },
  ];
}

function engines({
  dataDir,
  enginePorts: { log, database },
  inheritedEnv,
  secrets,
  entryOf,
}: Topology): ChildSpec {
  return {
    name: 'engines',
    entry: entryOf('engines'),
    env: {
      ...inheritedEnv,
      TOUCHLINE_DATA_DIR: dataDir,
      TOUCHLINE_INSTANCE: secrets.instance,
      ...(log === undefined ? {} : { LOG_ENGINE_PORT: String(log) }),
      ...(database === undefined ? {} : { DATABASE_ENGINE_PORT: String(database) }),
    },
    retriesFirstStart: false,
  };
}

function service(context: Context, topology: Topology): ChildSpec {
  const port = topology.servicePorts[context];
  return {
    name: context,
    entry: topology.entryOf(context),
    env: {
      ...commonEnv(topology),
      EVENTSTORE_URL: topology.eventstoreUrl,
      LISTEN: `127.0.0.1:${port}`,
      ...ownSecrets(context, topology),
    },
    port,
    retriesFirstStart: true,
  };
}

function gateway(topology: Topology): ChildSpec {
  return {
    name: 'gateway',
    entry: topology.entryOf('gateway'),
    env: {
      ...commonEnv(topology),
      HOST: '127.0.0.1',
      PORT: String(topology.gatewayPort),
    },
    port: topology.gatewayPort,
    retriesFirstStart: true,
  };
}

function commonEnv({ inheritedEnv, mongodbUrl, servicePorts, secrets }: Topology): Record<string, string> {
  const peers = contexts.map((context) => [
    `${context.toUpperCase()}_URL`,
    `127.0.0.1:${servicePorts[context]}`,
  ]);
  return {
    ...inheritedEnv,
    ...Object.fromEntries(peers),
    MONGODB_URL: mongodbUrl,
    TOUCHLINE_INSTANCE: secrets.instance,
    TOUCHLINE_VERIFY_KEYS: secrets.keys.verifyKeys,
    TOUCHLINE_SERVICE_KEY: secrets.keys.serviceKey,
  };
}

/** A process gets no secret that it does not use. */
function ownSecrets(
  context: Context,
  { secrets: { keys }, firstStartEnv }: Topology,
): Record<string, string> {
  const stored = { TOUCHLINE_MASTER_KEY: keys.masterKey, TOUCHLINE_NAME_SECRET: keys.nameSecret };
  switch (context) {
    case 'identity':
      return { ...stored, ...firstStartEnv, TOUCHLINE_TOKEN_KEY: keys.tokenKey };
    case 'telemetry':
      return stored;
    case 'webhooks':
      return { TOUCHLINE_MASTER_KEY: keys.masterKey };
    case 'permission':
    case 'activity':
    case 'computation':
      return {};
    default:
      return context satisfies never;
  }
}

const ownVariables = /^(TOUCHLINE_.*|EVENTSTORE_URL|MONGODB_URL|[A-Z]+_URL|LISTEN|HOST|PORT)$/;

/** The environment without what this system sets or reads by itself. */
export function inheritable(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !ownVariables.test(entry[0]),
  );
  return Object.fromEntries(kept);
}
