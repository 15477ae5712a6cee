import { serviceToken, TokenSigner, TokenVerifier } from '@touchline/rpc';
import { runProcess } from '@touchline/runtime';
import { gatewayConfig } from './config.ts';
import { startGateway } from './gateway.ts';
import { MongoIdempotencyStore } from './mongo-idempotency-store.ts';

await runProcess({
  name: 'gateway',
  config: gatewayConfig,
  async start(config, { logger }) {
    const { replicas } = config;
    const idempotency = new MongoIdempotencyStore(config.mongodbUrl);
    const gateway = await startGateway({
      host: config.host,
      port: config.port,
      addresses: {
        identity: config.identity,
        permission: config.permission,
        activity: config.activity,
        telemetry: config.telemetry,
        computation: config.computation,
        webhooks: config.webhooks,
      },
      verifier: TokenVerifier.fromJwks(config.verifyKeys),
      token: serviceToken(TokenSigner.fromPrivateJwk(config.serviceKey), 'gateway'),
      rates: {
        user: { ratePerS: config.userRatePerS / replicas, burst: Math.ceil(config.userBurst / replicas) },
        anonymous: {
          ratePerS: config.anonymousRatePerS / replicas,
          burst: Math.ceil(config.anonymousBurst / replicas),
        },
      },
      trustedProxies: config.trustedProxies,
      idempotency,
      logger,
    });
    return {
      ...gateway,
      async stop() {
        await gateway.stop();
        await idempotency.close();
      },
    };
  },
});
