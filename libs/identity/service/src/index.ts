export { BootstrapRefused, type FirstUsers } from './bootstrap.ts';
export { type IdentityServiceOptions, type RunningService, startIdentityService } from './start.ts';
