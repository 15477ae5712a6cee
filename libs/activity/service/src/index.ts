export { type ActivityServiceOptions, type RunningService, startActivityService } from './service.ts';
