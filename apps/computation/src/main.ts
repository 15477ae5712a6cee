import { startComputationService } from '@touchline/computation-service';
import { serviceToken, TokenSigner, TokenVerifier } from '@touchline/rpc';
import { runProcess } from '@touchline/runtime';
import { config } from './config.ts';

await runProcess({
  name: 'computation',
  config,
  start: (settings, { instance, logger }) =>
    startComputationService({
      ...settings,
      peers: {
        identity: settings.identity,
        permission: settings.permission,
        activity: settings.activity,
        telemetry: settings.telemetry,
      },
      verifier: TokenVerifier.fromJwks(settings.verifyKeys),
      token: serviceToken(TokenSigner.fromPrivateJwk(settings.serviceKey), 'computation'),
      instance,
      logger,
    }),
});
