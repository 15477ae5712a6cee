import { DayErasedSchema } from '@touchline/contracts/telemetry/v1/events';
import { decodeMessage, encodePayload, type EncodedPayload, type StoredEvent } from '@touchline/event-log';

/** The type of the events that end an erasure, in the streams `telemetry-<device>-<yyyymmdd>`. */
export const dayErasedType: string = DayErasedSchema.typeName;

/** What is gone of a device's day. */
export interface ErasedDay {
  readonly deviceId: number;
  /** Destroyed, whatever a cache still holds. */
  readonly keyIds: readonly string[];
  /** When the deleted athlete wore the device: [startMs, endMs), in milliseconds since the Unix epoch. */
  readonly intervals: readonly { readonly startMs: number; readonly endMs: number }[];
}

export function encodeDayErased({ deviceId, keyIds, intervals }: ErasedDay): EncodedPayload {
  return encodePayload(DayErasedSchema, {
    deviceId,
    keyIds: [...keyIds],
    intervals: intervals.map(({ startMs, endMs }) => ({ startMs: BigInt(startMs), endMs: BigInt(endMs) })),
  });
}

export function readDayErased(stored: Pick<StoredEvent, 'data'>): ErasedDay {
  const { deviceId, keyIds, intervals } = decodeMessage(DayErasedSchema, stored);
  return {
    deviceId,
    keyIds,
    intervals: intervals.map(({ startMs, endMs }) => ({ startMs: Number(startMs), endMs: Number(endMs) })),
  };
}
