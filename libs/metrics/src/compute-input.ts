import type { Columns } from './columns.ts';
import type { SportParams } from './parameters.ts';
import type { Sport } from './sports.ts';

/** The window of a time frame, `[startMs, endMs)`, in ms since the Unix epoch. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** Everything that decides the document of a time frame but its samples. */
export interface TimeFrameInput {
  readonly sport: Sport;
  readonly window: Window;
  /** The activity's `json`: parameters for all its time frames. Other keys are ignored. */
  readonly activityParams?: Readonly<Partial<SportParams>>;
  /** The time frame's own parameters; they win over the activity's. Other keys are ignored. */
  readonly params?: Readonly<Partial<SportParams>>;
  /** `YYYY-MM-DD`, or null when it is not known. */
  readonly birthDate: string | null;
}

/**
 * Parameters are taken to be valid against the sport's JSON schema and `checkParams`; samples may come in any order,
 * repeated, and from outside the window.
 */
export interface ComputeInput extends TimeFrameInput {
  readonly columns: Columns;
}
