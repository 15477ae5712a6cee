import type { Route } from '@touchline/http';
import type { GatewayCall } from '../gateway-call.ts';
import { exportAccount, retrieveAccount } from './account.ts';
import { activityRoutes } from './activities.ts';
import { authorizeRoutes } from './authorize.ts';
import { athleteChangeRoutes } from './athlete-changes.ts';
import { athleteRoutes } from './athletes.ts';
import { computedRoutes } from './computed.ts';
import { deviceRoutes } from './devices.ts';
import { documentationRoutes } from './documentation.ts';
import { jsonSchemaRoutes } from './json-schemas.ts';
import { managerRoutes } from './managers.ts';
import { openApiRoute } from './openapi.ts';
import { permissionRoutes } from './permissions.ts';
import { preprocessedRoutes } from './preprocessed.ts';
import { systemRoutes } from './system.ts';
import { timeFrameRoutes } from './time-frames.ts';
import { issueToken } from './token.ts';
import { tokenInspectionRoutes } from './token-inspection.ts';
import { webhookRoutes } from './webhooks.ts';

const described: readonly Route<GatewayCall>[] = [
  ...authorizeRoutes,
  issueToken,
  ...tokenInspectionRoutes,
  retrieveAccount,
  ...managerRoutes,
  ...athleteRoutes,
  ...athleteChangeRoutes,
  ...permissionRoutes,
  ...jsonSchemaRoutes,
  ...activityRoutes,
  ...timeFrameRoutes,
  ...webhookRoutes,
  ...computedRoutes,
  ...deviceRoutes,
  ...preprocessedRoutes,
  exportAccount,
  ...systemRoutes,
];

/** All that the OpenAPI document describes. */
export const apiRoutes: readonly Route<GatewayCall>[] = [...described, openApiRoute(described)];

/** All that the gateway answers. */
export const routes: readonly Route<GatewayCall>[] = [...apiRoutes, ...documentationRoutes];
