import { timestampMs } from '@bufbuild/protobuf/wkt';
import {
  ActivityCreatedSchema,
  ActivityDeletedSchema,
  ActivityUpdatedSchema,
} from '@touchline/contracts/activity/v1/events';
import {
  AthleteCreatedSchema,
  AthleteDeletedSchema,
  AthleteProfileChangedSchema,
} from '@touchline/contracts/identity/v1/events';
import { OwnershipReleasedSchema, OwnershipTakenSchema } from '@touchline/contracts/telemetry/v1/events';
import { decodeMessage, type StoredEvent } from '@touchline/event-log';
import type { ReadModel } from '@touchline/read-models';

/** What the metrics of a time frame take from elsewhere. `changedMs`: when the event that said so was stored. */

export interface ActivityFacts {
  _id: number;
  jsonSchema: number;
  /** JSON text: its keys are the callers' own. */
  json: string;
  changedMs: number;
}

export const activitiesModel: ReadModel<ActivityFacts> = {
  name: 'activities',
  consumes: [ActivityCreatedSchema.typeName, ActivityUpdatedSchema.typeName, ActivityDeletedSchema.typeName],
  indexes: [],
  documentIds: (event) => [decodeMessage(ActivityDeletedSchema, event).activityId],
  project(_document, event, id) {
    if (event.type === ActivityDeletedSchema.typeName) return 'gone';
    const schema =
      event.type === ActivityCreatedSchema.typeName ? ActivityCreatedSchema : ActivityUpdatedSchema;
    const { jsonSchema, json } = decodeMessage(schema, event);
    return { _id: id, jsonSchema, json: JSON.stringify(json ?? {}), changedMs: event.createdMs };
  },
};

export interface OwnershipFacts {
  id: number;
  manager: number;
  startMs: number;
  /** null: still going on. */
  endMs: number | null;
  changedMs: number;
}

export interface DeviceFacts {
  _id: number;
  ownerships: OwnershipFacts[];
}

export const devicesModel: ReadModel<DeviceFacts> = {
  name: 'devices',
  consumes: [OwnershipTakenSchema.typeName, OwnershipReleasedSchema.typeName],
  indexes: [],
  documentIds: (event) => [
    (event.type === OwnershipTakenSchema.typeName
      ? decodeMessage(OwnershipTakenSchema, event)
      : decodeMessage(OwnershipReleasedSchema, event)
    ).deviceId,
  ],
  project(document, event, id) {
    const ownerships = document?.ownerships ?? [];
    const changedMs = event.createdMs;
    if (event.type === OwnershipTakenSchema.typeName) {
      const { ownershipId, manager, startTime } = decodeMessage(OwnershipTakenSchema, event);
      const startMs = startTime ? timestampMs(startTime) : changedMs;
      return {
        _id: id,
        ownerships: [...ownerships, { id: ownershipId, manager, startMs, endMs: null, changedMs }],
      };
    }
    const { ownershipId, endTime } = decodeMessage(OwnershipReleasedSchema, event);
    const endMs = endTime ? timestampMs(endTime) : changedMs;
    return {
      _id: id,
      ownerships: ownerships.map((o) => (o.id === ownershipId ? { ...o, endMs, changedMs } : o)),
    };
  },
};

export interface AthleteFacts {
  _id: number;
  /** The stream that the profile was sealed for. */
  stream: string;
  /** The sealed `identity.v1.AthleteProfile`, bytes as base64; null when there is none. */
  profile: { keyId: string; nonce: string; ciphertext: string } | null;
  changedMs: number;
  /** Nothing is computed for him any more, even where his key is still remembered. */
  deleted?: true;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export const athletesModel: ReadModel<AthleteFacts> = {
  name: 'athletes',
  consumes: [
    AthleteCreatedSchema.typeName,
    AthleteProfileChangedSchema.typeName,
    AthleteDeletedSchema.typeName,
  ],
  indexes: [],
  documentIds: (event) => [userOf(event)],
  project(_document, event, id) {
    const facts = { _id: id, stream: event.stream, changedMs: event.createdMs };
    if (event.type === AthleteDeletedSchema.typeName) return { ...facts, profile: null, deleted: true };
    const { profile } =
      event.type === AthleteCreatedSchema.typeName
        ? decodeMessage(AthleteCreatedSchema, event)
        : decodeMessage(AthleteProfileChangedSchema, event);
    return {
      ...facts,
      profile: profile
        ? { keyId: profile.keyId, nonce: base64(profile.nonce), ciphertext: base64(profile.ciphertext) }
        : null,
    };
  },
};

function userOf(event: StoredEvent): number {
  switch (event.type) {
    case AthleteProfileChangedSchema.typeName:
      return decodeMessage(AthleteProfileChangedSchema, event).userId;
    case AthleteDeletedSchema.typeName:
      return decodeMessage(AthleteDeletedSchema, event).userId;
    default:
      return decodeMessage(AthleteCreatedSchema, event).userId;
  }
}
