export { type ComputationServiceOptions, type RunningService, startComputationService } from './service.ts';
