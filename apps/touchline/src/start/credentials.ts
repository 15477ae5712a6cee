import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { readPrivateJson, writePrivateJson } from '../data-directory/private-file.ts';

/** The first ADMIN and OAuth client, as `<dir>/credentials.json` holds them. */
export interface Credentials {
  admin_username: string;
  admin_password: string;
  client_id: string;
  client_secret: string;
}

const variables = {
  admin_username: 'TOUCHLINE_ADMIN_USERNAME',
  admin_password: 'TOUCHLINE_ADMIN_PASSWORD',
  client_id: 'TOUCHLINE_CLIENT_ID',
  client_secret: 'TOUCHLINE_CLIENT_SECRET',
} as const satisfies Record<keyof Credentials, string>;

const names = Object.keys(variables) as (keyof Credentials)[];

export function credentialsFile(dataDir: string): string {
  return path.join(dataDir, 'credentials.json');
}

/** Those of an earlier start, else new ones; what the environment sets comes first and is kept. */
export function loadCredentials(
  dataDir: string,
  env: Readonly<Record<string, string | undefined>>,
): { credentials: Credentials; isFirstStart: boolean } {
  const file = credentialsFile(dataDir);
  const stored = readPrivateJson(file, names);
  const credentials = { ...(stored ?? newCredentials()) };
  for (const name of names) credentials[name] = env[variables[name]] || credentials[name];
  if (!stored || names.some((name) => stored[name] !== credentials[name]))
    writePrivateJson(file, credentials);
  return { credentials, isFirstStart: !stored };
}

/** As identity's process reads them. */
export function credentialsEnv(credentials: Credentials): Record<string, string> {
  return Object.fromEntries(names.map((name) => [variables[name], credentials[name]]));
}

function newCredentials(): Credentials {
  return {
    admin_username: 'admin',
    admin_password: randomBytes(18).toString('base64url'),
    client_id: `touchline-${randomBytes(6).toString('hex')}`,
    client_secret: randomBytes(24).toString('base64url'),
  };
}
