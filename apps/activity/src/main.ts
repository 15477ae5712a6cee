import { startActivityService } from '@touchline/activity-service';
import { serviceToken, TokenSigner, TokenVerifier } from '@touchline/rpc';
import { runProcess } from '@touchline/runtime';
import { config } from './config.ts';

await runProcess({
  name: 'activity',
  config,
  start: (settings, { instance, logger }) =>
    startActivityService({
      ...settings,
      peers: {
        identity: settings.identity,
        permission: settings.permission,
        telemetry: settings.telemetry,
      },
      verifier: TokenVerifier.fromJwks(settings.verifyKeys),
      token: serviceToken(TokenSigner.fromPrivateJwk(settings.serviceKey), 'activity'),
      instance,
      logger,
    }),
});
