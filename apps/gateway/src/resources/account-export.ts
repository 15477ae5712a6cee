import type { ReadEntry } from '@touchline/contracts/common/v1/common';
import type {
  Account,
  ExportAthleteResponse_Change as Change,
  ExportAthleteResponse_Session as Session,
} from '@touchline/contracts/identity/v1/service';
import { PermissionSchema } from '@touchline/contracts/permission/v1/service';
import type { CallOptions } from '@touchline/rpc';
import * as z from 'zod';
import type { Clients } from '../clients.ts';
import { readList, rowText } from '../read-list.ts';
import { document, documentExample } from '../routes/computed.ts';
import { there } from '../there.ts';
import { fromTimestamp } from '../timestamps.ts';
import { accountJson, accountOutput } from './account.ts';
import { athleteExample, athleteOutput, athleteProfileJson } from './athlete.ts';
import { permissionExample, permissionJson, permissionOutput } from './permission.ts';
import { preprocessedJson, preprocessedRowExample, preprocessedRowOutput } from './preprocessed.ts';
import { timeFrameExample, timeFrameJson, timeFrameOutput } from './time-frame.ts';

const dateTime = z.string().meta({ format: 'date-time' });

const changeOutput = z
  .object({
    at: dateTime,
    event: z.string(),
    username: z.string().optional(),
    email: z.string().optional(),
    external_id: z.string().nullable().optional(),
    athlete_profile: athleteOutput.shape.athlete_profile.optional(),
  })
  .meta({ id: 'AccountChange' });

const sessionOutput = z
  .object({ client_id: z.string(), scope: z.string(), expires_at: dateTime, revoked: z.boolean() })
  .meta({ id: 'Session' });

const readOutput = z
  .object({
    at: dateTime.meta({ description: 'What he read again within the hour is not listed again' }),
    reader: z.int().meta({ description: 'The id of the user who read' }),
    what: z.enum(['athlete_profile', 'computed_data', 'samples']),
    timeframe: z.int().optional(),
    device: z.int().optional(),
    start_time: dateTime.optional(),
    end_time: dateTime.optional(),
  })
  .meta({ id: 'ReadEntry' });

export const exportOutput = z
  .object({
    account: accountOutput,
    history: z.array(changeOutput).meta({ description: 'How the account came to be what it is' }),
    sessions: z.array(sessionOutput).meta({ description: 'Sign-ins that may be refreshed' }),
    permissions: z.array(permissionOutput).meta({ description: 'All that were ever granted' }),
    timeframes: z.array(timeFrameOutput.extend({ computed: document })),
    samples: z
      .array(preprocessedRowOutput.extend({ device: z.int() }))
      .meta({ description: 'What devices recorded while he wore them' }),
    reads: z.array(readOutput).meta({ description: 'Who read what when' }),
  })
  .meta({ id: 'AccountExport' });

const { managed_by: _managedBy, ...athlete } = athleteExample;

export const exportExample = {
  account: { ...athlete, role: 'ATHLETE', extra_permissions: [], managed_by: null },
  history: [
    {
      at: '2020-02-20T12:18:29+0000',
      event: 'AthleteCreated',
      username: athlete.username,
      email: athlete.email,
      external_id: athlete.external_id,
      athlete_profile: athlete.athlete_profile,
    },
  ],
  sessions: [{ client_id: 'app', scope: 'all', expires_at: '2020-05-20T12:18:29+0000', revoked: false }],
  permissions: [permissionExample],
  timeframes: [{ ...timeFrameExample, computed: documentExample }],
  samples: [{ device: 123, ...preprocessedRowExample }],
  reads: [
    { at: '2020-02-21T08:00:00+0000', reader: 1, what: 'athlete_profile' },
    { at: '2020-02-21T08:00:05+0000', reader: 1, what: 'computed_data', timeframe: timeFrameExample.id },
    {
      at: '2020-02-21T08:00:10+0000',
      reader: 1,
      what: 'samples',
      device: 123,
      start_time: timeFrameExample.start_time,
      end_time: timeFrameExample.end_time,
    },
  ],
};

/** What identity tells of the caller. */
export interface OwnExport {
  readonly history: readonly unknown[];
  readonly sessions: readonly unknown[];
  readonly reads: readonly ReadEntry[];
}

/** @throws RpcError, `forbidden` for those who may not */
export async function ownExport(
  athlete: number,
  { identity }: Clients,
  options: CallOptions,
): Promise<OwnExport> {
  const own = { history: [] as unknown[], sessions: [] as unknown[], reads: [] as ReadEntry[] };
  for await (const { item } of identity.exportAthlete({}, options)) {
    if (item.case === 'change') own.history.push(changeJson(athlete, item.value));
    if (item.case === 'session') own.sessions.push(sessionJson(item.value));
    if (item.case === 'read') own.reads.push(item.value);
  }
  return own;
}

/** The export as JSON text, in pieces, each read from its owner when the one before has been sent. */
export async function* exportPieces(
  account: Account,
  own: OwnExport,
  clients: Clients,
  options: CallOptions,
): AsyncGenerator<string, void, void> {
  const reads = [...own.reads];
  yield `{"account":${JSON.stringify(accountJson(account))}`;
  yield `,"history":${JSON.stringify(own.history)},"sessions":${JSON.stringify(own.sessions)}`;
  yield* array('permissions', permissionsOf(account.id, clients, options));
  yield* array('timeframes', timeFramesOf(clients, options, reads));
  yield* array('samples', samplesOf(clients, options, reads));
  reads.sort((a, b) => compare(a.at, b.at));
  yield `,"reads":${JSON.stringify(reads.map(readJson))}}`;
}

async function* array(name: string, items: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  let separator = `,"${name}":[`;
  for await (const item of items) {
    yield separator + item;
    separator = ',';
  }
  yield separator === ',' ? ']' : `${separator}]`;
}

const PAGE = 1000;
const permissionText = rowText(PermissionSchema, permissionJson);

async function* permissionsOf(athlete: number, { permission }: Clients, options: CallOptions) {
  for (let page = 1, left = 1; left > 0; page++) {
    const request = { athlete, options: { page, limit: PAGE } };
    const { count, rows } = await readList(permission.listPermissions(request, options), permissionText);
    yield* rows;
    left = count - page * PAGE;
  }
}

async function* timeFramesOf({ computation }: Clients, options: CallOptions, reads: ReadEntry[]) {
  for await (const { item } of computation.exportAthlete({}, options)) {
    if (item.case === 'read') reads.push(item.value);
    if (item.case !== 'frame') continue;
    const frame = JSON.stringify(timeFrameJson(there(item.value.timeFrame)));
    yield `${frame.slice(0, -1)},"computed":${item.value.documentJson}}`;
  }
}

async function* samplesOf({ telemetry }: Clients, options: CallOptions, reads: ReadEntry[]) {
  for await (const { item } of telemetry.exportAthlete({}, options)) {
    if (item.case === 'read') reads.push(item.value);
    if (item.case !== 'rows') continue;
    const { device, rows } = item.value;
    yield rows.map((row) => JSON.stringify({ device, ...preprocessedJson(row) })).join(',');
  }
}

function changeJson(athlete: number, { at, event, account, profile }: Change) {
  return {
    at: fromTimestamp(at),
    event,
    ...(account && {
      username: account.username,
      email: account.email,
      external_id: account.externalId ?? null,
    }),
    ...(profile && { athlete_profile: athleteProfileJson(athlete, profile) }),
  };
}

function sessionJson({ clientId, scope, expiresAt, revoked }: Session) {
  return { client_id: clientId, scope, expires_at: fromTimestamp(expiresAt), revoked };
}

function readJson({ at, reader, what, timeFrame, device, startTime, endTime }: ReadEntry) {
  return {
    at: fromTimestamp(at),
    reader,
    what,
    ...(timeFrame === undefined ? {} : { timeframe: timeFrame }),
    ...(device === undefined ? {} : { device }),
    ...(startTime && { start_time: fromTimestamp(startTime) }),
    ...(endTime && { end_time: fromTimestamp(endTime) }),
  };
}

type Time = ReadEntry['at'];

function compare(a: Time, b: Time): number {
  return Number((a?.seconds ?? 0n) - (b?.seconds ?? 0n)) || (a?.nanos ?? 0) - (b?.nanos ?? 0);
}
