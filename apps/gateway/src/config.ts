import {
  jsonObject,
  peerSetting,
  port,
  required,
  text,
  url,
  wholeNumber,
  withDefault,
} from '@touchline/runtime';

const rate = wholeNumber(1, 1_000_000);

export const gatewayConfig = {
  host: withDefault('HOST', text, '127.0.0.1', 'the address that the API listens on'),
  port: withDefault('PORT', port, 8080, 'the port that the API listens on'),
  verifyKeys: required('TOUCHLINE_VERIFY_KEYS', jsonObject, 'JWKS that verifies tokens'),
  serviceKey: required(
    'TOUCHLINE_SERVICE_KEY',
    jsonObject,
    "private JWK that signs the gateway's own tokens",
    {
      secret: true,
    },
  ),
  mongodbUrl: required(
    'MONGODB_URL',
    url('mongodb:', 'mongodb+srv:'),
    'answers to requests with an Idempotency-Key',
  ),
  identity: peerSetting('identity'),
  permission: peerSetting('permission'),
  activity: peerSetting('activity'),
  telemetry: peerSetting('telemetry'),
  computation: peerSetting('computation'),
  webhooks: peerSetting('webhooks'),
  trustedProxies: withDefault(
    'GATEWAY_TRUSTED_PROXIES',
    wholeNumber(0, 10),
    0,
    'reverse proxies in front, whose X-Forwarded-For names the address of the peer',
  ),
  replicas: withDefault('GATEWAY_REPLICAS', wholeNumber(1, 1000), 1, 'gateways that share the rates'),
  userRatePerS: withDefault('GATEWAY_USER_RATE', rate, 200, 'requests per second of a user'),
  userBurst: withDefault('GATEWAY_USER_BURST', rate, 1000, 'requests that a user may make at once'),
  anonymousRatePerS: withDefault(
    'GATEWAY_ANONYMOUS_RATE',
    rate,
    2,
    'sign-ups and token requests per second of an address',
  ),
  anonymousBurst: withDefault(
    'GATEWAY_ANONYMOUS_BURST',
    rate,
    200,
    'sign-ups and token requests that an address may make at once',
  ),
};
