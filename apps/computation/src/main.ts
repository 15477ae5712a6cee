import { startComputationService } from '@touchline/computation-service';
import { serviceToken, TokenSigner, TokenVerifier } from '@touchline/rpc';
import { formatAddress, runProcess } from '@touchline/runtime';
import { config } from './config.ts';

await runProcess({
  name: 'computation',
  config,
  start: (settings, { instance, logger }) =>
    startComputationService({
      ...settings,
      peers: {
        identity: formatAddress(settings.identity),
        permission: formatAddress(settings.permission),
        activity: formatAddress(settings.activity),
        telemetry: formatAddress(settings.telemetry),
      },
      verifier: TokenVerifier.fromJwks(settings.verifyKeys),
      token: serviceToken(TokenSigner.fromPrivateJwk(settings.serviceKey), 'computation'),
      instance,
      logger,
    }),
});
