import { startActivityService } from '@touchline/activity-service';
import { serviceToken, TokenSigner, TokenVerifier } from '@touchline/rpc';
import { formatAddress, runProcess } from '@touchline/runtime';
import { config } from './config.ts';

await runProcess({
  name: 'activity',
  config,
  start: (settings, { instance, logger }) =>
    startActivityService({
      ...settings,
      peers: {
        identity: formatAddress(settings.identity),
        permission: formatAddress(settings.permission),
        telemetry: formatAddress(settings.telemetry),
      },
      verifier: TokenVerifier.fromJwks(settings.verifyKeys),
      token: serviceToken(TokenSigner.fromPrivateJwk(settings.serviceKey), 'activity'),
      instance,
      logger,
    }),
});
