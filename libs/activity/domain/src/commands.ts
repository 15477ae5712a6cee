import type { ActivityFields, TimeFrameFields } from './events.ts';

interface Issued {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Who asked: `user:12`. */
  readonly by: string;
}

export type ActivityCommand = Issued &
  (
    | { readonly type: 'CreateActivity'; readonly activityId: number; readonly fields: ActivityFields }
    | { readonly type: 'UpdateActivity'; readonly fields: ActivityFields }
    | { readonly type: 'DeleteActivity' }
  );

export type TimeFrameCommand = Issued &
  (
    | { readonly type: 'CreateTimeFrame'; readonly timeFrameId: number; readonly fields: TimeFrameFields }
    | { readonly type: 'UpdateTimeFrame'; readonly fields: TimeFrameFields }
    | { readonly type: 'DeleteTimeFrame' }
  );
