import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Service {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
}

const folder = import.meta.dirname;
const compose = parse(readFileSync(path.join(folder, 'compose.yaml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const APPS = ['identity', 'permission', 'activity', 'telemetry', 'computation', 'webhooks', 'gateway'];
const service = (name: string): Service => {
  const found = compose.services[name];
  if (!found) throw new Error(`compose.yaml has no service ${name}`);
  return found;
};

describe('the compose file for the real engines', () => {
  it('starts every process of the system and the two engines', () => {
    expect(Object.keys(compose.services).sort()).toEqual([...APPS, 'eventstore', 'mongodb'].sort());
    for (const app of APPS) expect(service(app).command).toEqual([`apps/${app}`]);
  });

  it('points every process at the engines and at each context by its name', () => {
    for (const app of APPS) {
      const environment = service(app).environment ?? {};
      expect(environment['EVENTSTORE_URL']).toMatch(/^esdb:\/\/eventstore:2113/);
      expect(environment['MONGODB_URL']).toBe('mongodb://mongodb:27017/');
      for (const context of APPS.filter((name) => name !== 'gateway')) {
        expect(environment[`${context.toUpperCase()}_URL`]).toBe(`${context}:50051`);
      }
    }
  });

  it('gives the signing key of access tokens to identity alone, and the master key to those that hold keys', () => {
    const holders = (name: string) => APPS.filter((app) => service(app).environment?.[name] !== undefined);
    expect(holders('TOUCHLINE_TOKEN_KEY')).toEqual(['identity']);
    expect(holders('TOUCHLINE_MASTER_KEY')).toEqual(['identity', 'telemetry', 'webhooks']);
    expect(holders('TOUCHLINE_NAME_SECRET')).toEqual(['identity', 'telemetry']);
  });

  it('holds no secret itself', () => {
    for (const app of APPS) {
      for (const [name, value] of Object.entries(service(app).environment ?? {})) {
        if (/KEY|SECRET|PASSWORD/.test(name)) expect(value).toMatch(/^\$\{[A-Z_]+:\?/);
      }
    }
  });

  it('pins the versions of the engines and keeps their data in named volumes', () => {
    for (const engine of ['eventstore', 'mongodb']) {
      expect(service(engine).image).toMatch(/:\d+\.\d+\.\d+/);
      const [volume = ''] = service(engine).volumes ?? [];
      expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    }
  });
});
