import type {
  ActivityEvent,
  ActivityFields,
  JsonObject,
  TimeFrameEvent,
  TimeFrameFields,
  WearingEvent,
} from '@touchline/activity-domain';
import {
  ActivityCreatedSchema,
  ActivityDeletedSchema,
  ActivityUpdatedSchema,
  TimeFrameCreatedSchema,
  TimeFrameDeletedSchema,
  TimeFrameUpdatedSchema,
  WearingReleasedSchema,
  WearingReservedSchema,
} from '@touchline/contracts/activity/v1/events';
import { ReservationAbandonedSchema } from '@touchline/contracts/log/v1/events';
import { decodeMessage, type EncodedPayload, encodePayload, type StoredEvent } from '@touchline/event-log';
import { requiredMs, timestampFromMs } from './timestamps.ts';

type Stored = Pick<StoredEvent, 'type' | 'data'>;

/** Thrown for an event that a stream of this context cannot hold. */
export class UnknownEventError extends Error {
  constructor(type: string) {
    super(`${type} is no event of this stream`);
    this.name = 'UnknownEventError';
  }
}

const activityFields = (m: {
  name: string;
  owner: number;
  json?: JsonObject | undefined;
  jsonSchema: number;
}): ActivityFields => ({
  name: m.name,
  owner: m.owner,
  json: m.json ?? {},
  jsonSchema: m.jsonSchema,
});

export const activityCodec = {
  encode(event: ActivityEvent): EncodedPayload {
    switch (event.type) {
      case 'ActivityCreated':
        return encodePayload(ActivityCreatedSchema, {
          activityId: event.activityId,
          ...activityFields(event),
        });
      case 'ActivityUpdated':
        return encodePayload(ActivityUpdatedSchema, {
          activityId: event.activityId,
          ...activityFields(event),
        });
      case 'ActivityDeleted':
        return encodePayload(ActivityDeletedSchema, { activityId: event.activityId });
      default:
        return event satisfies never;
    }
  },
  decode(stored: Stored): ActivityEvent {
    switch (stored.type) {
      case ActivityCreatedSchema.typeName: {
        const m = decodeMessage(ActivityCreatedSchema, stored);
        return { type: 'ActivityCreated', activityId: m.activityId, ...activityFields(m) };
      }
      case ActivityUpdatedSchema.typeName: {
        const m = decodeMessage(ActivityUpdatedSchema, stored);
        return { type: 'ActivityUpdated', activityId: m.activityId, ...activityFields(m) };
      }
      case ActivityDeletedSchema.typeName:
        return {
          type: 'ActivityDeleted',
          activityId: decodeMessage(ActivityDeletedSchema, stored).activityId,
        };
      default:
        throw new UnknownEventError(stored.type);
    }
  },
};

type TimeFrameMessage = ReturnType<typeof decodeMessage<typeof TimeFrameCreatedSchema>>;

const timeFrameMessage = (f: TimeFrameFields & { readonly timeFrameId: number }) => ({
  timeFrameId: f.timeFrameId,
  owner: f.owner,
  device: f.device,
  athlete: f.athlete,
  activity: f.activity,
  startTime: timestampFromMs(f.startMs),
  endTime: timestampFromMs(f.endMs),
  params: f.params,
  jsonSchema: f.jsonSchema,
});

const timeFrameFields = (
  m: Omit<TimeFrameMessage, '$typeName'>,
): TimeFrameFields & { readonly timeFrameId: number } => ({
  timeFrameId: m.timeFrameId,
  owner: m.owner,
  device: m.device,
  athlete: m.athlete,
  activity: m.activity,
  startMs: requiredMs(m.startTime),
  endMs: requiredMs(m.endTime),
  params: m.params ?? {},
  jsonSchema: m.jsonSchema,
});

export const timeFrameCodec = {
  encode(event: TimeFrameEvent): EncodedPayload {
    switch (event.type) {
      case 'TimeFrameCreated':
        return encodePayload(TimeFrameCreatedSchema, timeFrameMessage(event));
      case 'TimeFrameUpdated':
        return encodePayload(TimeFrameUpdatedSchema, timeFrameMessage(event));
      case 'TimeFrameDeleted':
        return encodePayload(TimeFrameDeletedSchema, {
          timeFrameId: event.timeFrameId,
          activity: event.activity,
        });
      case 'ReservationAbandoned':
        return encodePayload(ReservationAbandonedSchema, { reservation: event.reservation });
      default:
        return event satisfies never;
    }
  },
  decode(stored: Stored): TimeFrameEvent {
    switch (stored.type) {
      case TimeFrameCreatedSchema.typeName:
        return {
          type: 'TimeFrameCreated',
          ...timeFrameFields(decodeMessage(TimeFrameCreatedSchema, stored)),
        };
      case TimeFrameUpdatedSchema.typeName:
        return {
          type: 'TimeFrameUpdated',
          ...timeFrameFields(decodeMessage(TimeFrameUpdatedSchema, stored)),
        };
      case TimeFrameDeletedSchema.typeName: {
        const { timeFrameId, activity } = decodeMessage(TimeFrameDeletedSchema, stored);
        return { type: 'TimeFrameDeleted', timeFrameId, activity };
      }
      case ReservationAbandonedSchema.typeName:
        return {
          type: 'ReservationAbandoned',
          reservation: decodeMessage(ReservationAbandonedSchema, stored).reservation,
        };
      default:
        throw new UnknownEventError(stored.type);
    }
  },
};

export const wearingCodec = {
  encode(event: WearingEvent): EncodedPayload {
    switch (event.type) {
      case 'WearingReserved':
        return encodePayload(WearingReservedSchema, {
          stream: event.stream,
          revision: BigInt(event.revision),
          timeFrameId: event.timeFrameId,
          owner: event.owner,
          athlete: event.athlete,
          startTime: timestampFromMs(event.startMs),
          endTime: timestampFromMs(event.endMs),
        });
      case 'WearingReleased':
        return encodePayload(WearingReleasedSchema, { timeFrameId: event.timeFrameId });
      default:
        return event satisfies never;
    }
  },
  decode(stored: Stored): WearingEvent {
    switch (stored.type) {
      case WearingReservedSchema.typeName: {
        const m = decodeMessage(WearingReservedSchema, stored);
        return {
          type: 'WearingReserved',
          stream: m.stream,
          revision: Number(m.revision),
          timeFrameId: m.timeFrameId,
          owner: m.owner,
          athlete: m.athlete,
          startMs: requiredMs(m.startTime),
          endMs: requiredMs(m.endTime),
        };
      }
      case WearingReleasedSchema.typeName:
        return {
          type: 'WearingReleased',
          timeFrameId: decodeMessage(WearingReleasedSchema, stored).timeFrameId,
        };
      default:
        throw new UnknownEventError(stored.type);
    }
  },
};
