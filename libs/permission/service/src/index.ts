export { type PermissionServiceOptions, type RunningService, startPermissionService } from './start.ts';
