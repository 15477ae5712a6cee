import { create, toBinary } from '@bufbuild/protobuf';
import { ActivityService } from '@touchline/contracts/activity/v1/service';
import { ComputationService } from '@touchline/contracts/computation/v1/service';
import { AthleteSchema, IdentityService, Role } from '@touchline/contracts/identity/v1/service';
import { PermissionService } from '@touchline/contracts/permission/v1/service';
import { TelemetryService } from '@touchline/contracts/telemetry/v1/service';
import { WebhooksService } from '@touchline/contracts/webhooks/v1/service';
import { type Implementation, RpcError } from '@touchline/rpc';
import type { ContextName } from '../clients.ts';
import { partly } from './recorded.ts';

const profile = {
  firstName: 'Usain',
  lastName: 'Bolt',
  heightM: 1.95,
  profilePicture: new Uint8Array([1, 2, 3]),
};
const athlete = {
  id: 12,
  username: 'jon.doe@example.com',
  email: 'jon.doe@example.com',
  managedBy: 1,
  profile,
  revision: 3,
};
/** A message `Timestamp`. */
export const at = (text: string) => ({ seconds: BigInt(Date.parse(text) / 1000), nanos: 0 });
const timeFrame = {
  id: 42,
  startTime: at('2022-02-20T12:18:29Z'),
  endTime: at('2022-02-20T13:18:29Z'),
  params: { splitName: 'first half' },
  device: 7,
  activity: 5,
  athlete: 12,
  owner: 1,
  jsonSchema: 12,
  revision: 0,
};

export const services: Record<ContextName, Implementation> = {
  identity: partly(IdentityService, {
    listRevocations: () => ({ tokenIds: [], users: [] }),
    issueToken({ clientSecret, grant }) {
      if (clientSecret !== 's:e%c')
        throw new RpcError('oauth', 'No such client.', { oauthError: 'invalid_client' });
      const scope = grant.case === 'password' ? grant.value.scope : 'refreshed';
      return { accessToken: 'a.b.c', expiresInS: 36_000, refreshToken: 'r', scope: scope || 'all' };
    },
    createAthlete(_request, context) {
      if (Object.keys(context.fieldErrors).length > 0) {
        throw new RpcError('invalid', 'x', {
          fields: { ...context.fieldErrors, email: ['Enter a valid email address.'] },
        });
      }
      context.written([{ eventType: 'identity.v1.AthleteCreated', position: '0007' }]);
      return { athlete };
    },
    createManagedAthlete: () => ({ athlete: { ...athlete, email: '' } }),
    getAccount: () => ({
      account: {
        id: 1,
        username: 'ada',
        email: 'a@b.ch',
        role: Role.MANAGER,
        managerProfile: { firstName: 'Ada' },
      },
    }),
    getAthlete({ athlete: id }) {
      if (id === 404) throw new RpcError('not_found', 'no athlete of that id');
      if (id === 403) throw new RpcError('forbidden', 'no READ');
      if (id === 500) throw new TypeError('secret');
      return { athlete };
    },
    async *listAthletes({ options }) {
      const row = toBinary(AthleteSchema, create(AthleteSchema, athlete));
      yield { count: 301, rows: [] };
      for (let i = 0; i < Math.min(options?.limit ?? 0, 2); i++) yield { count: 301, rows: [row] };
    },
  }),
  permission: partly(PermissionService, {
    grant: ({ athlete, manager, kind, startTime }) => ({
      permission: {
        id: 8,
        athlete,
        manager,
        kind,
        ...(startTime ? { startTime } : {}),
        expirationTime: at('2199-12-31T00:00:00Z'),
        isActive: true,
      },
    }),
    revoke: () => ({}),
  }),
  activity: partly(ActivityService, {
    getTimeFrames: ({ timeFrames, expand }) => ({
      answers: timeFrames.map(() => ({
        answer: {
          case: 'timeFrame',
          value: { ...timeFrame, ...(expand?.athlete ? { athleteResource: athlete } : {}) },
        },
      })),
    }),
    getActivity: () => ({ activity: { id: 5 } }),
    deleteActivity: () => ({}),
    updateTimeFrame: () => ({ timeFrame }),
    listJsonSchemas: () => ({
      count: 1,
      jsonSchemas: [{ id: 1, name: 'activity_soccer', type: 'ACTIVITY', schema: {} }],
    }),
  }),
  telemetry: partly(TelemetryService, {
    ingest({ frames }, { caller }) {
      if (caller.kind === 'ingest-token' && caller.token !== 'tli_good')
        throw new RpcError('unauthenticated', 'x');
      const rejected = frames.flatMap(({ malformed }, index) =>
        malformed ? [{ index, reason: malformed }] : [],
      );
      return { accepted: 2, duplicates: 1, rejected };
    },
    async *readPreprocessed() {
      yield { item: { case: 'count', value: 3 } };
      yield { item: { case: 'rows', value: { rows: [{ timestampMs: 1000n, hasEcg: true, hrBpm: 60 }] } } };
      yield {
        item: { case: 'rows', value: { rows: [{ timestampMs: 2000n, hasGnss: true, speedMps: 4.5 }] } },
      };
    },
  }),
  webhooks: partly(WebhooksService, {
    createWebhook: ({ activity, url = '', secretToken = '', activityEvents, timeFramesEvents }) => ({
      webhook: {
        id: 99,
        activity,
        url,
        secretToken,
        activityEvents: activityEvents ?? false,
        timeFramesEvents: timeFramesEvents ?? false,
      },
    }),
  }),
  computation: partly(ComputationService, {
    getTimeFrameComputed: () => ({
      documentJson: '{"total_distance":1.50,"extensions":{"status":"pending"}}',
    }),
    async *getActivityComputed() {
      yield { timeFrame: 42, documentJson: '{"a":1}' };
      yield { timeFrame: 43, documentJson: '{"a":2}' };
    },
  }),
};
