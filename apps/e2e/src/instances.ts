import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { command, type Credentials, freePort, root } from './system.ts';

export const contexts = [
  'identity',
  'permission',
  'activity',
  'telemetry',
  'computation',
  'webhooks',
] as const;
const apps = [...contexts, 'gateway'] as const;
type App = (typeof apps)[number];

const POLL_MS = 50;

/** Several instances of each process on one pair of engines, each started with its documented configuration. */
export class Instances {
  readonly #children = new Set<ChildProcess>();
  readonly #running = new Map<string, ChildProcess>();
  readonly #secrets = deploymentSecrets();
  #engines: Record<string, string> = {};
  #ports: readonly Record<App, number>[] = [];

  get credentials(): Credentials {
    return {
      admin_username: this.#secrets['TOUCHLINE_ADMIN_USERNAME'] ?? '',
      admin_password: this.#secrets['TOUCHLINE_ADMIN_PASSWORD'] ?? '',
      client_id: this.#secrets['TOUCHLINE_CLIENT_ID'] ?? '',
      client_secret: this.#secrets['TOUCHLINE_CLIENT_SECRET'] ?? '',
    };
  }

  get mongodbUrl(): string {
    return this.#engines['MONGODB_URL'] ?? '';
  }

  get gateways(): readonly string[] {
    return this.#ports.map(({ gateway }) => `http://127.0.0.1:${gateway}`);
  }

  /** Resolves when every gateway says that everything answers. */
  async start(dataDir: string, count: number): Promise<void> {
    this.#engines = await this.#startEngines(dataDir);
    this.#ports = await Promise.all(
      Array.from({ length: count }, async () => {
        const ports = await Promise.all(apps.map(async (app) => [app, await freePort()] as const));
        return Object.fromEntries(ports) as Record<App, number>;
      }),
    );
    for (let instance = 0; instance < count; instance += 1)
      for (const app of apps) this.startOne(app, instance);
    await Promise.all(this.gateways.map((url) => ready(url)));
  }

  /** Starts one process; a second time on the same port. */
  startOne(app: App, instance: number): void {
    const child = spawn(
      process.execPath,
      ['--conditions=touchline-source', path.join(root, 'apps', app, 'src/main.ts')],
      { cwd: root, env: this.#env(app, instance), stdio: ['ignore', 'ignore', 'inherit'] },
    );
    this.#children.add(child);
    this.#running.set(`${app} ${instance}`, child);
  }

  signal(app: App, instance: number, signal: NodeJS.Signals): void {
    this.#running.get(`${app} ${instance}`)?.kill(signal);
  }

  /** Ends everything that was started here. */
  async stop(): Promise<void> {
    const all = [...this.#children].map(
      (child) =>
        new Promise<void>((resolve) => {
          if (child.exitCode !== null || child.signalCode !== null) return resolve();
          child.once('exit', () => resolve());
          child.kill('SIGKILL');
        }),
    );
    await Promise.all(all);
  }

  #env(app: App, instance: number): NodeJS.ProcessEnv {
    const own = this.#ports[instance]!;
    const peers = contexts.map((context) => [
      `${context.toUpperCase()}_URL`,
      this.#ports.map((ports) => `127.0.0.1:${ports[context]}`).join(','),
    ]);
    return {
      PATH: process.env['PATH'],
      ...this.#secrets,
      ...this.#engines,
      ...(Object.fromEntries(peers) as Record<string, string>),
      TOUCHLINE_INSTANCE: `instance-${instance}`,
      WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8',
      LOG_LEVEL: 'error',
      ...(app === 'gateway'
        ? { PORT: String(own.gateway), GATEWAY_REPLICAS: String(this.#ports.length) }
        : { LISTEN: `127.0.0.1:${own[app]}` }),
    };
  }

  async #startEngines(dataDir: string): Promise<Record<string, string>> {
    const child = spawn(process.execPath, command('engines', '--data-dir', dataDir), {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.add(child);
    const urls: Record<string, string> = {};
    for await (const line of createInterface(child.stdout)) {
      const [, name = '', url = ''] = /^([A-Z]+_URL)=(.+)$/.exec(line) ?? [];
      urls[name] = url;
      if (urls['EVENTSTORE_URL'] && urls['MONGODB_URL']) return urls;
    }
    throw new Error('The engines did not start.');
  }
}

/** As an operator makes them for a deployment on engines of his own. */
function deploymentSecrets(): Record<string, string> {
  const { stdout } = spawnSync(process.execPath, command('secrets'), { cwd: root, encoding: 'utf8' });
  const lines = [...stdout.matchAll(/^([A-Z_]+)='(.*)'$/gm)];
  return Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value]));
}

/** Resolves when the gateway says that everything answers. */
export async function ready(url: string): Promise<void> {
  for (;;) {
    const isReady = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await delay(POLL_MS);
  }
}

/** Who holds the leases of the contexts, by `<context>.<name>`. */
export async function leaseHolders(mongodbUrl: string): Promise<Map<string, string | null>> {
  const client = new MongoClient(mongodbUrl);
  try {
    const holders = new Map<string, string | null>();
    for (const context of contexts) {
      const leases = client
        .db(`${context}-state`)
        .collection<{ _id: string; holder: string | null }>('leases');
      for (const { _id, holder } of await leases.find().toArray()) holders.set(`${context}.${_id}`, holder);
    }
    return holders;
  } finally {
    await client.close();
  }
}
