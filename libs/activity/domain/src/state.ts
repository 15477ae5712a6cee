import type {
  ActivityEvent,
  ActivityFields,
  Interval,
  TimeFrameEvent,
  TimeFrameFields,
  WearingEvent,
} from './events.ts';

export type ActivityState =
  | { readonly status: 'missing' }
  | { readonly status: 'active'; readonly activityId: number; readonly fields: ActivityFields }
  | { readonly status: 'deleted' };

export const initialActivity: ActivityState = { status: 'missing' };

const activityFields = ({ name, owner, json, jsonSchema }: ActivityFields): ActivityFields => ({
  name,
  owner,
  json,
  jsonSchema,
});

export function evolveActivity(_state: ActivityState, event: ActivityEvent): ActivityState {
  switch (event.type) {
    case 'ActivityCreated':
    case 'ActivityUpdated':
      return { status: 'active', activityId: event.activityId, fields: activityFields(event) };
    case 'ActivityDeleted':
      return { status: 'deleted' };
    default:
      return event satisfies never;
  }
}

export type TimeFrameState =
  | { readonly status: 'missing' }
  | { readonly status: 'active'; readonly timeFrameId: number; readonly fields: TimeFrameFields }
  | { readonly status: 'deleted' };

export const initialTimeFrame: TimeFrameState = { status: 'missing' };

const timeFrameFields = (e: TimeFrameFields): TimeFrameFields => ({
  owner: e.owner,
  device: e.device,
  athlete: e.athlete,
  activity: e.activity,
  startMs: e.startMs,
  endMs: e.endMs,
  params: e.params,
  jsonSchema: e.jsonSchema,
});

export function evolveTimeFrame(state: TimeFrameState, event: TimeFrameEvent): TimeFrameState {
  switch (event.type) {
    case 'TimeFrameCreated':
    case 'TimeFrameUpdated':
      return { status: 'active', timeFrameId: event.timeFrameId, fields: timeFrameFields(event) };
    case 'TimeFrameDeleted':
      return { status: 'deleted' };
    case 'ReservationAbandoned':
      return state;
    default:
      return event satisfies never;
  }
}

/** A reservation that has not been released, with the revision and time at which it stands in the wearing stream. */
export interface Reservation extends Interval {
  readonly timeFrameId: number;
  readonly stream: string;
  readonly revision: number;
}

export type WearingState = readonly Reservation[];

export const initialWearing: WearingState = [];

export function evolveWearing(state: WearingState, event: WearingEvent): WearingState {
  switch (event.type) {
    case 'WearingReserved': {
      const { type: _, ...reservation } = event;
      return [...state, reservation];
    }
    case 'WearingReleased':
      return state.filter(({ timeFrameId }) => timeFrameId !== event.timeFrameId);
    default:
      return event satisfies never;
  }
}
