import { serviceToken, TokenSigner, TokenVerifier } from '@touchline/rpc';
import { runProcess } from '@touchline/runtime';
import { startTelemetryService } from '@touchline/telemetry-service';
import { config } from './config.ts';

await runProcess({
  name: 'telemetry',
  config,
  start: (settings, { instance, logger }) =>
    startTelemetryService({
      ...settings,
      peers: { permission: settings.permission },
      verifier: TokenVerifier.fromJwks(settings.verifyKeys),
      token: serviceToken(TokenSigner.fromPrivateJwk(settings.serviceKey), 'telemetry'),
      instance,
      logger,
    }),
});
