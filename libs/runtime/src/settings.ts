import { randomUUID } from 'node:crypto';
import { optional, required, type Setting, withDefault } from './config.ts';
import { address, addressRanges, base64, jsonObject, oneOf, peerAddress, text, url } from './parsers.ts';

/** What every process has; `runProcess` adds it to its table. */
export const processSettings = {
  instance: withDefault<string>(
    'TOUCHLINE_INSTANCE',
    text,
    `random-${randomUUID()}`,
    'names this instance in leases',
  ),
  logLevel: withDefault(
    'LOG_LEVEL',
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'the least important lines that are logged',
  ),
};

/** What every context's service has. */
export const serviceSettings = {
  eventstoreUrl: required('EVENTSTORE_URL', url('esdb:', 'esdb+discover:'), 'the log'),
  mongodbUrl: required('MONGODB_URL', url('mongodb:', 'mongodb+srv:'), 'read models and state'),
  listen: required('LISTEN', address, 'where the gRPC server listens'),
  verifyKeys: required('TOUCHLINE_VERIFY_KEYS', jsonObject, 'JWKS that verifies tokens'),
  serviceKey: required(
    'TOUCHLINE_SERVICE_KEY',
    jsonObject,
    "private JWK that signs the service's own tokens",
    {
      secret: true,
    },
  ),
};

export const masterKeySetting = required('TOUCHLINE_MASTER_KEY', base64(32, 32), 'wraps the stored keys', {
  secret: true,
});

export const nameSecretSetting = required(
  'TOUCHLINE_NAME_SECRET',
  base64(32, 1024),
  'the HMAC secret of reserved names',
  { secret: true },
);

export const tokenKeySetting = required(
  'TOUCHLINE_TOKEN_KEY',
  jsonObject,
  'private JWK that signs access tokens',
  {
    secret: true,
  },
);

export const allowPrivateSetting = withDefault<readonly string[]>(
  'WEBHOOK_ALLOW_PRIVATE',
  addressRanges,
  [],
  'ranges beside the public addresses that webhooks may lead to',
);

/** What identity creates when it is not there yet. */
export const firstStartSettings = {
  adminUsername: optional('TOUCHLINE_ADMIN_USERNAME', text, 'the ADMIN that is created when absent'),
  adminPassword: optional('TOUCHLINE_ADMIN_PASSWORD', text, 'its password', { secret: true }),
  clientId: optional('TOUCHLINE_CLIENT_ID', text, 'the OAuth client that is created when absent'),
  clientSecret: optional('TOUCHLINE_CLIENT_SECRET', text, 'its secret', { secret: true }),
  clientRedirectUris: optional(
    'TOUCHLINE_CLIENT_REDIRECT_URIS',
    text,
    'where its users are sent back to with an authorization code, separated by spaces',
  ),
};

/** How new users get their credentials. */
export const mailSettings = {
  smtpUrl: optional('TOUCHLINE_SMTP_URL', url('smtp:', 'smtps:'), 'the server that sends mails', {
    secret: true,
  }),
  mailFrom: optional('TOUCHLINE_MAIL_FROM', text, 'the sender of mails'),
  mailDirectory: optional(
    'TOUCHLINE_MAIL_DIR',
    text,
    'where mails become files when there is no server for them',
  ),
};

export type Peer = 'identity' | 'permission' | 'activity' | 'telemetry' | 'computation' | 'webhooks';

/** Where a context's gRPC server is; calls go to its instances in turn. */
export function peerSetting(peer: Peer): Setting<string> {
  const what = `the gRPC server of ${peer}: host:port, or of each instance, with commas`;
  return required(`${peer.toUpperCase()}_URL`, peerAddress, what);
}
