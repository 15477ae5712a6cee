/**
 * State of a metric: numbers and typed arrays only, so that it can be remembered, gone back to and saved without
 * knowing the metric. Logs grow beside it; how much of them is valid follows from the state.
 */
export type State = Record<string, number | Float64Array>;

export function copyState<S extends State>(state: S): S {
  const copy: State = { ...state };
  for (const [key, value] of Object.entries(copy)) if (typeof value !== 'number') copy[key] = value.slice();
  return copy as S;
}

export function restoreState<S extends State>(state: S, from: Readonly<S>): void {
  Object.assign(state, copyState(from));
}
