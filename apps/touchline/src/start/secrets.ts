import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type DeploymentKeys, generateDeploymentKeys } from '@touchline/rpc/keys';
import { CommandError } from '../command-error.ts';
import { readPrivateJson, writePrivateJson } from '../data-directory/private-file.ts';
import { credentialsFile } from './credentials.ts';

export interface Secrets {
  keys: DeploymentKeys;
  /** Names the lease holder: the same at every start on this directory, whose lock the supervisor holds. */
  instance: string;
}

const names = ['token_key', 'service_key', 'verify_keys', 'master_key', 'name_secret', 'instance'] as const;

/**
 * The deployment's secrets, made at the first start. Whoever loses `<dir>/secrets.json` loses what is encrypted with
 * them, so new ones are never made for a directory that was in use.
 */
export function loadSecrets(dataDir: string): Secrets {
  const file = path.join(dataDir, 'secrets.json');
  const stored = readPrivateJson(file, names) ?? firstSecrets(dataDir, file);
  return {
    keys: {
      tokenKey: stored.token_key,
      serviceKey: stored.service_key,
      verifyKeys: stored.verify_keys,
      masterKey: stored.master_key,
      nameSecret: stored.name_secret,
    },
    instance: stored.instance,
  };
}

function firstSecrets(dataDir: string, file: string): Record<(typeof names)[number], string> {
  if (existsSync(credentialsFile(dataDir))) {
    throw new CommandError(
      `${file} is missing, and the data directory cannot be read without it. Restore it from a backup.`,
    );
  }
  const keys = generateDeploymentKeys();
  const made = {
    token_key: keys.tokenKey,
    service_key: keys.serviceKey,
    verify_keys: keys.verifyKeys,
    master_key: keys.masterKey,
    name_secret: keys.nameSecret,
    instance: `touchline-${randomUUID()}`,
  };
  writePrivateJson(file, made);
  return made;
}
