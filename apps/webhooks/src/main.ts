import { serviceToken, TokenSigner, TokenVerifier } from '@touchline/rpc';
import { runProcess } from '@touchline/runtime';
import { startWebhooksService } from '@touchline/webhooks-service';
import { config } from './config.ts';

await runProcess({
  name: 'webhooks',
  config,
  start: (settings, { instance, logger }) =>
    startWebhooksService({
      ...settings,
      peers: { activity: settings.activity },
      verifier: TokenVerifier.fromJwks(settings.verifyKeys),
      token: serviceToken(TokenSigner.fromPrivateJwk(settings.serviceKey), 'webhooks'),
      instance,
      logger,
    }),
});
