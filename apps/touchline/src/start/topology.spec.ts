import { describe, expect, it } from 'vitest';
import { inheritable, processGroups, type Topology } from './topology.ts';

const topology: Topology = {
  dataDir: '/data',
  gatewayPort: 8080,
  servicePorts: { identity: 1, permission: 2, activity: 3, telemetry: 4, computation: 5, webhooks: 8 },
  eventstoreUrl: 'esdb://127.0.0.1:6?tls=false',
  mongodbUrl: 'mongodb://127.0.0.1:7/',
  enginePorts: { log: 6, database: 7 },
  secrets: {
    keys: { tokenKey: 'T', serviceKey: 'S', verifyKeys: 'V', masterKey: 'M', nameSecret: 'N' },
    instance: 'one',
  },
  firstStartEnv: { TOUCHLINE_ADMIN_PASSWORD: 'P' },
  inheritedEnv: { PATH: '/bin' },
  entryOf: (name) => `/apps/${name}`,
};

function envOf(name: string): Readonly<Record<string, string>> {
  const child = processGroups(topology)
    .flatMap(({ children }) => children)
    .find((candidate) => candidate.name === name);
  if (!child) throw new Error(`There is no ${name}.`);
  return child.env;
}

describe('the processes', () => {
  it('are drained from the outside in, within ten seconds', () => {
    const groups = processGroups(topology);
    expect(groups.map(({ children }) => children.map(({ name }) => name))).toEqual([
      ['gateway'],
      ['identity', 'permission', 'activity', 'telemetry', 'computation', 'webhooks'],
      ['engines'],
    ]);
    expect(groups.reduce((sum, { graceMs }) => sum + graceMs, 0)).toBeLessThan(9000);
  });

  it('know where everything is', () => {
    expect(envOf('activity')).toMatchObject({
      PATH: '/bin',
      EVENTSTORE_URL: 'esdb://127.0.0.1:6?tls=false',
      MONGODB_URL: 'mongodb://127.0.0.1:7/',
      LISTEN: '127.0.0.1:3',
      PERMISSION_URL: '127.0.0.1:2',
      TOUCHLINE_INSTANCE: 'one',
      TOUCHLINE_VERIFY_KEYS: 'V',
    });
    expect(envOf('gateway')).toMatchObject({
      HOST: '127.0.0.1',
      PORT: '8080',
      COMPUTATION_URL: '127.0.0.1:5',
    });
    expect(envOf('engines')).toMatchObject({
      TOUCHLINE_DATA_DIR: '/data',
      LOG_ENGINE_PORT: '6',
      DATABASE_ENGINE_PORT: '7',
    });
  });

  it('get no secret that they do not use', () => {
    const holders = (variable: string) =>
      [
        'gateway',
        'identity',
        'permission',
        'activity',
        'telemetry',
        'computation',
        'webhooks',
        'engines',
      ].filter((name) => variable in envOf(name));
    expect(holders('TOUCHLINE_TOKEN_KEY')).toEqual(['identity']);
    expect(holders('TOUCHLINE_ADMIN_PASSWORD')).toEqual(['identity']);
    expect(holders('TOUCHLINE_MASTER_KEY')).toEqual(['identity', 'telemetry', 'webhooks']);
    expect(holders('TOUCHLINE_NAME_SECRET')).toEqual(['identity', 'telemetry']);
    expect(holders('TOUCHLINE_SERVICE_KEY')).not.toContain('engines');
  });

  it('do without the engines that are served elsewhere', () => {
    const elsewhere = processGroups({ ...topology, enginePorts: {} });
    expect(elsewhere[2]?.children).toEqual([]);
    const [half] = processGroups({ ...topology, enginePorts: { log: 6 } })[2]?.children ?? [];
    expect(half?.env).not.toHaveProperty('DATABASE_ENGINE_PORT');
  });

  it('inherit nothing that the system sets itself', () => {
    const env = {
      PATH: '/bin',
      LOG_LEVEL: 'debug',
      PORT: '1',
      TOUCHLINE_MASTER_KEY: 'x',
      IDENTITY_URL: 'y',
      HOST: 'z',
    };
    expect(inheritable({ ...env, ABSENT: undefined })).toEqual({ PATH: '/bin', LOG_LEVEL: 'debug' });
  });
});
