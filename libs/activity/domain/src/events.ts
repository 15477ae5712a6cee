// These events are stored for ever: fields may be added, none may change its meaning.

/** A JSON object as it was sent. */
export type JsonObject = { [key: string]: JsonValue };
export type JsonValue = number | string | boolean | null | JsonObject | JsonValue[];

export interface ActivityFields {
  readonly name: string;
  readonly owner: number;
  readonly json: JsonObject;
  readonly jsonSchema: number;
}

export type ActivityEvent =
  | ({ readonly type: 'ActivityCreated'; readonly activityId: number } & ActivityFields)
  | ({ readonly type: 'ActivityUpdated'; readonly activityId: number } & ActivityFields)
  | { readonly type: 'ActivityDeleted'; readonly activityId: number };

/** The window is [startMs, endMs), in milliseconds since the Unix epoch. */
export interface TimeFrameFields {
  readonly owner: number;
  readonly device: number;
  readonly athlete: number;
  readonly activity: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly params: JsonObject;
  readonly jsonSchema: number;
}

export type TimeFrameEvent =
  | ({ readonly type: 'TimeFrameCreated'; readonly timeFrameId: number } & TimeFrameFields)
  | ({ readonly type: 'TimeFrameUpdated'; readonly timeFrameId: number } & TimeFrameFields)
  | { readonly type: 'TimeFrameDeleted'; readonly timeFrameId: number; readonly activity: number }
  | { readonly type: 'ReservationAbandoned'; readonly reservation: string };

/** A claim of a device for an athlete over [startMs, endMs). */
export interface Interval {
  readonly owner: number;
  readonly athlete: number;
  readonly startMs: number;
  readonly endMs: number;
}

export type WearingEvent =
  | ({
      readonly type: 'WearingReserved';
      readonly timeFrameId: number;
      /** The append that the reservation precedes. */
      readonly stream: string;
      readonly revision: number;
    } & Interval)
  | { readonly type: 'WearingReleased'; readonly timeFrameId: number };
