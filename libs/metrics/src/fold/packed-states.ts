import type { State } from './metric.ts';

/** All values of some states in a row, in the order of their keys. */
export function packStates(states: readonly State[]): Float64Array {
  const packed: number[] = [];
  for (const state of states) {
    for (const value of Object.values(state)) {
      if (typeof value === 'number') packed.push(value);
      else packed.push(...value);
    }
  }
  return Float64Array.from(packed);
}

/** Puts packed values back into states of the same shape. */
export function unpackStates(states: readonly State[], packed: Float64Array): void {
  let at = 0;
  for (const state of states) {
    for (const [key, value] of Object.entries(state)) {
      if (typeof value === 'number') state[key] = packed[at++]!;
      else value.set(packed.subarray(at, (at += value.length)));
    }
  }
}
