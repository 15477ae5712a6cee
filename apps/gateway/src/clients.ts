import { ActivityService } from '@touchline/contracts/activity/v1/service';
import { ReadModelsService } from '@touchline/contracts/common/v1/read_models';
import { ComputationService } from '@touchline/contracts/computation/v1/service';
import { IdentityService } from '@touchline/contracts/identity/v1/service';
import { PermissionService } from '@touchline/contracts/permission/v1/service';
import { TelemetryService } from '@touchline/contracts/telemetry/v1/service';
import { WebhooksService } from '@touchline/contracts/webhooks/v1/service';
import { type Client, createClient } from '@touchline/rpc';
import { TimeFramesById } from './time-frames-by-id.ts';

export const contexts = [
  'identity',
  'permission',
  'activity',
  'telemetry',
  'computation',
  'webhooks',
] as const;
export type ContextName = (typeof contexts)[number];

/** host:port of each context's gRPC server. */
export type Addresses = Readonly<Record<ContextName, string>>;

/** Contexts whose read models a command may have to be seen in. */
export const readModelContexts = ['identity', 'permission', 'activity', 'telemetry', 'webhooks'] as const;
export type ReadModelContext = (typeof readModelContexts)[number];

export interface Clients {
  identity: Client<typeof IdentityService>;
  permission: Client<typeof PermissionService>;
  activity: Client<typeof ActivityService>;
  telemetry: Client<typeof TelemetryService>;
  computation: Client<typeof ComputationService>;
  webhooks: Client<typeof WebhooksService>;
  readModels: Readonly<Record<ReadModelContext, Client<typeof ReadModelsService>>>;
  timeFrames: TimeFramesById;
  close(): void;
}

/** @param token the gateway's own, for calls on nobody's behalf */
export function createClients(addresses: Addresses, token: () => Promise<string> | string): Clients {
  const options = { token };
  const readModels = (context: ReadModelContext) =>
    createClient(ReadModelsService, addresses[context], options);
  const clients = {
    identity: createClient(IdentityService, addresses.identity, options),
    permission: createClient(PermissionService, addresses.permission, options),
    activity: createClient(ActivityService, addresses.activity, {
      ...options,
      together: ['createTimeFrame'],
    }),
    telemetry: createClient(TelemetryService, addresses.telemetry, options),
    computation: createClient(ComputationService, addresses.computation, options),
    webhooks: createClient(WebhooksService, addresses.webhooks, options),
    readModels: {
      identity: readModels('identity'),
      permission: readModels('permission'),
      activity: readModels('activity'),
      telemetry: readModels('telemetry'),
      webhooks: readModels('webhooks'),
    },
  };
  return {
    ...clients,
    timeFrames: new TimeFramesById(clients.activity),
    close() {
      for (const context of contexts) clients[context].close();
      for (const context of readModelContexts) clients.readModels[context].close();
    },
  };
}
