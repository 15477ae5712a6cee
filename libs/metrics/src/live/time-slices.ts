import type { Columns } from '../columns.ts';
import type { Window } from '../compute-input.ts';
import { lowerBound } from '../input/time-order.ts';
import { cut, ordered } from '../input/window.ts';

/** At most about this many samples of a channel make a slice. */
export const SLICE_SAMPLES = 1024;

/** The samples of a window as slices of time, oldest first, each with a bounded number of the fullest channel. */
export function* timeSlices(columns: Columns, { startMs, endMs }: Window): Generator<Columns> {
  const inOrder = ordered(columns);
  const { gnss, ecg, pwr } = inOrder;
  const fullest = [gnss.t, ecg.t, pwr.t].reduce((a, b) => (b.length > a.length ? b : a));
  for (let from = startMs; from < endMs;) {
    const to = Math.min(fullest[lowerBound(fullest, from) + SLICE_SAMPLES] ?? endMs, endMs);
    yield cut(inOrder, { startMs: from, endMs: to });
    from = to;
  }
}
