import { startPermissionService } from '@touchline/permission-service';
import { runProcess } from '@touchline/runtime';
import { config } from './config.ts';

await runProcess({
  name: 'permission',
  config,
  start: (settings, { logger, instance }) => startPermissionService({ ...settings, instance, logger }),
});
