import { startIdentityService } from '@touchline/identity-service';
import { runProcess } from '@touchline/runtime';
import { config } from './config.ts';

await runProcess({
  name: 'identity',
  config,
  start: (settings, { logger, instance }) => {
    const {
      adminUsername,
      adminPassword,
      clientId,
      clientSecret,
      clientRedirectUris,
      smtpUrl,
      mailFrom,
      mailDirectory,
      ...rest
    } = settings;
    const admin = pair('TOUCHLINE_ADMIN_USERNAME', adminUsername, 'TOUCHLINE_ADMIN_PASSWORD', adminPassword);
    const client = pair('TOUCHLINE_CLIENT_ID', clientId, 'TOUCHLINE_CLIENT_SECRET', clientSecret);
    return startIdentityService({
      ...rest,
      instance,
      logger,
      mail: { smtpUrl, from: mailFrom, directory: mailDirectory },
      firstUsers: {
        admin: admin && { username: admin[0], password: admin[1] },
        client: client && {
          id: client[0],
          secret: client[1],
          redirectUris: clientRedirectUris?.trim().split(/\s+/),
        },
      },
    });
  },
});

/** @throws Error that names the variable that is missing beside the other */
function pair(
  nameEnv: string,
  name: string | undefined,
  secretEnv: string,
  secret: string | undefined,
): [string, string] | undefined {
  if (name === undefined && secret === undefined) return undefined;
  if (name === undefined || secret === undefined) {
    throw new Error(
      `${name === undefined ? nameEnv : secretEnv} is missing beside ${name === undefined ? secretEnv : nameEnv}.`,
    );
  }
  return [name, secret];
}
