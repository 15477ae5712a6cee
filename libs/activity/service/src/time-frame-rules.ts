import { type Actor, type JsonObject, mayNameOwner, type TimeFrameFields } from '@touchline/activity-domain';
import { UserRole } from '@touchline/contracts/permission/v1/service';
import { type CallContext, FieldErrors } from '@touchline/rpc';
import type { Activities } from './activities.ts';
import { eventTooLarge } from './event-size.ts';
import { faultsOf, jsonSchemaOf, timeFrameSchemaBelow } from './parameter-schemas.ts';
import type { Peers } from './peers.ts';
import { forbidden } from './rejection-status.ts';

/** The fields of a request; what is absent was not given. */
export type WantedTimeFrame = {
  readonly [Field in keyof TimeFrameFields]?: TimeFrameFields[Field] | undefined;
};

export const REQUIRED = 'This field is required.';
export const unknownId = (id: number): string => `Invalid pk "${id}" - object does not exist.`;

/** First and last instant that a time may have: years 1 to 9999. */
const EARLIEST_MS = -62_135_596_800_000;
const LATEST_MS = 253_402_300_799_999;

/**
 * The rules of time frames (operation 29) on what a request wants: first all fields, then the rights over what they
 * name. ADMINs name the manager for whom the rights are judged.
 */
export class TimeFrameRules {
  readonly #activities: Activities;
  readonly #peers: Peers;

  constructor(activities: Activities, peers: Peers) {
    this.#activities = activities;
    this.#peers = peers;
  }

  /** @throws RpcError `invalid` with the fields, or `forbidden` */
  async check(wanted: WantedTimeFrame, actor: Actor, context: CallContext): Promise<TimeFrameFields> {
    const errors = new FieldErrors(context);
    const owner = wanted.owner ?? (actor.role === 'MANAGER' ? actor.userId : undefined);
    const { startMs, endMs, device, athlete, activity: activityId } = wanted;
    const required = { start_time: startMs, end_time: endMs, device, activity: activityId, athlete, owner };
    for (const [field, value] of Object.entries(required))
      if (value === undefined) errors.add(field, REQUIRED);
    const window = windowOf(startMs, endMs, errors);

    const [activity, ownership, writes] = await Promise.all([
      activityId === undefined ? undefined : this.#activities.load(activityId),
      device === undefined
        ? undefined
        : this.#peers.ownership(device, owner ?? 0, window ?? { startMs: 0, endMs: 1 }, context),
      owner === undefined || athlete === undefined || window === undefined
        ? false
        : this.#peers.mayWrite(owner, athlete, window, context),
    ]);
    // Who has a right on whom: a manager, on an athlete. Of others it has to be said who they are.
    const users = writes ? [] : [athlete, owner].filter((id) => id !== undefined);
    const roles = await this.#peers.roles(users, context);
    const isNot = (id: number, role: UserRole) => !writes && roles.get(id) !== role;
    if (activityId !== undefined && (activity === undefined || activity === 'deleted')) {
      errors.add('activity', unknownId(activityId));
    }
    if (athlete !== undefined && isNot(athlete, UserRole.ATHLETE)) errors.add('athlete', unknownId(athlete));
    if (owner !== undefined && isNot(owner, UserRole.MANAGER)) errors.add('owner', unknownId(owner));
    if (device !== undefined && !ownership?.exists) errors.add('device', unknownId(device));

    const params = wanted.params ?? {};
    const parent = activity === 'deleted' ? undefined : activity?.fields.jsonSchema;
    const jsonSchema = wanted.jsonSchema ?? (parent === undefined ? undefined : timeFrameSchemaBelow(parent));
    if (jsonSchema !== undefined) checkParams(params, jsonSchema, parent, errors);
    errors.throwIfAny();

    const fields = {
      owner: owner as number,
      device: device as number,
      athlete: athlete as number,
      activity: activityId as number,
      ...(window as { startMs: number; endMs: number }),
      params,
      jsonSchema: jsonSchema as number,
    };
    const activityOwner = activity === 'deleted' ? undefined : activity?.fields.owner;
    if (
      !mayNameOwner(actor, fields.owner) ||
      activityOwner !== fields.owner ||
      !ownership?.owned ||
      !writes
    ) {
      throw forbidden();
    }
    return fields;
  }
}

function windowOf(
  startMs: number | undefined,
  endMs: number | undefined,
  errors: FieldErrors,
): { startMs: number; endMs: number } | undefined {
  const inRange = (ms: number) => ms >= EARLIEST_MS && ms <= LATEST_MS;
  if (startMs !== undefined && !inRange(startMs)) errors.add('start_time', 'The time is out of range.');
  if (endMs !== undefined && !inRange(endMs)) errors.add('end_time', 'The time is out of range.');
  if (startMs === undefined || endMs === undefined) return undefined;
  if (startMs >= endMs) errors.add('end_time', 'end_time must be after start_time.');
  return startMs < endMs && inRange(startMs) && inRange(endMs) ? { startMs, endMs } : undefined;
}

function checkParams(
  params: JsonObject,
  jsonSchema: number,
  parent: number | undefined,
  errors: FieldErrors,
): void {
  const schema = jsonSchemaOf(jsonSchema);
  if (!schema) {
    errors.add('json_schema', unknownId(jsonSchema));
  } else if (schema.type !== 'TIMEFRAME') {
    errors.add('json_schema', `${schema.name} is no schema of time frames.`);
  } else if (parent !== undefined && schema.parent !== parent) {
    errors.add(
      'json_schema',
      `${schema.name} does not fit the activity's schema ${jsonSchemaOf(parent)?.name}.`,
    );
  } else {
    for (const fault of faultsOf(schema, params)) errors.add('params', fault);
  }
  if (eventTooLarge(params)) errors.add('params', 'The parameters are too large.');
}
