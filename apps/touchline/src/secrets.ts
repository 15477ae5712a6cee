import { randomBytes } from 'node:crypto';
import { generateDeploymentKeys } from '@touchline/rpc/keys';

/**
 * `touchline secrets`: what a deployment on real engines keeps secret, new at each call, as lines of an environment file.
 * Whoever loses the master key loses what is encrypted under it.
 */
export async function secrets(): Promise<void> {
  const keys = generateDeploymentKeys();
  const lines = {
    TOUCHLINE_VERIFY_KEYS: keys.verifyKeys,
    TOUCHLINE_SERVICE_KEY: keys.serviceKey,
    TOUCHLINE_TOKEN_KEY: keys.tokenKey,
    TOUCHLINE_MASTER_KEY: keys.masterKey,
    TOUCHLINE_NAME_SECRET: keys.nameSecret,
    TOUCHLINE_ADMIN_USERNAME: 'admin',
    TOUCHLINE_ADMIN_PASSWORD: randomBytes(18).toString('base64url'),
    TOUCHLINE_CLIENT_ID: `touchline-${randomBytes(6).toString('hex')}`,
    TOUCHLINE_CLIENT_SECRET: randomBytes(24).toString('base64url'),
  };
  // Single quotes: the keys are JSON and hold none.
  for (const [name, value] of Object.entries(lines)) process.stdout.write(`${name}='${value}'\n`);
}
