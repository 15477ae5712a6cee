export { startTelemetryService, type RunningService, type TelemetryServiceOptions } from './start.ts';
