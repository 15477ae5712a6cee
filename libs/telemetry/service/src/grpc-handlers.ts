import { TelemetryService } from '@touchline/contracts/telemetry/v1/service';
import { implement, type Implementation } from '@touchline/rpc';
import { exportHandlers } from './handlers/athlete-export.ts';
import type { HandlerDependencies } from './handlers/dependencies.ts';
import { deviceCommandHandlers } from './handlers/device-commands.ts';
import { deviceQueryHandlers } from './handlers/device-queries.ts';
import { recordingHandlers } from './handlers/recording-handlers.ts';
import { serviceHandlers } from './handlers/service-handlers.ts';

export function telemetryHandlers(deps: HandlerDependencies): Implementation {
  return implement(TelemetryService, {
    ...deviceCommandHandlers(deps),
    ...deviceQueryHandlers(deps),
    ...recordingHandlers(deps),
    ...exportHandlers(deps),
    ...serviceHandlers(deps),
  });
}
