import type { ActivityCommand, TimeFrameCommand } from './commands.ts';
import type { ActivityEvent, JsonValue, TimeFrameEvent } from './events.ts';
import type { ActivityState, TimeFrameState } from './state.ts';

/** Why a command was refused. */
export type Rejection =
  | { readonly code: 'activity_missing' }
  | { readonly code: 'activity_exists' }
  | { readonly code: 'time_frame_missing' }
  | { readonly code: 'time_frame_exists' }
  /** The caller decided on a revision that is no longer the last one. */
  | { readonly code: 'revision_passed' }
  | { readonly code: 'device_worn_by_another'; readonly timeFrameId: number };

export type Decision<E> = readonly E[] | { readonly rejected: Rejection };

/** Structural equality of JSON values; key order has no meaning. */
export function sameJson(a: JsonValue, b: JsonValue): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((value, i) => sameJson(value, b[i] as JsonValue))
    );
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key] as JsonValue, b[key] as JsonValue))
  );
}

export function decideActivity(command: ActivityCommand, state: ActivityState): Decision<ActivityEvent> {
  switch (command.type) {
    case 'CreateActivity':
      if (state.status === 'missing') {
        return [{ type: 'ActivityCreated', activityId: command.activityId, ...command.fields }];
      }
      return state.status === 'active' && sameJson({ ...state.fields }, { ...command.fields })
        ? []
        : { rejected: { code: 'activity_exists' } };
    case 'UpdateActivity':
      if (state.status !== 'active') return { rejected: { code: 'activity_missing' } };
      return sameJson({ ...state.fields }, { ...command.fields })
        ? []
        : [{ type: 'ActivityUpdated', activityId: state.activityId, ...command.fields }];
    case 'DeleteActivity':
      if (state.status === 'missing') return { rejected: { code: 'activity_missing' } };
      return state.status === 'deleted' ? [] : [{ type: 'ActivityDeleted', activityId: state.activityId }];
    default:
      return command satisfies never;
  }
}

export function decideTimeFrame(command: TimeFrameCommand, state: TimeFrameState): Decision<TimeFrameEvent> {
  switch (command.type) {
    case 'CreateTimeFrame':
      if (state.status === 'missing') {
        return [{ type: 'TimeFrameCreated', timeFrameId: command.timeFrameId, ...command.fields }];
      }
      return state.status === 'active' && sameJson({ ...state.fields }, { ...command.fields })
        ? []
        : { rejected: { code: 'time_frame_exists' } };
    case 'UpdateTimeFrame':
      if (state.status !== 'active') return { rejected: { code: 'time_frame_missing' } };
      return sameJson({ ...state.fields }, { ...command.fields })
        ? []
        : [{ type: 'TimeFrameUpdated', timeFrameId: state.timeFrameId, ...command.fields }];
    case 'DeleteTimeFrame':
      if (state.status === 'missing') return { rejected: { code: 'time_frame_missing' } };
      return state.status === 'deleted'
        ? []
        : [{ type: 'TimeFrameDeleted', timeFrameId: state.timeFrameId, activity: state.fields.activity }];
    default:
      return command satisfies never;
  }
}
