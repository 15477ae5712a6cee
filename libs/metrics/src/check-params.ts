import { PARAMETER_NAMES } from './parameters.ts';
import type { Sport } from './sports.ts';

/** What is wrong with a value; `path` is a JSON pointer into the parameters, as a JSON Schema validator gives it. */
export interface ParamsProblem {
  readonly path: string;
  readonly message: string;
}

/**
 * Checks what the JSON schema of the sport cannot say: edges and thresholds ascend strictly and `speed_ranges` starts
 * at 0. Values that the schema refuses anyway (no list, no number) are left to it.
 */
export function checkParams(_sport: Sport, params: Readonly<Record<string, unknown>>): ParamsProblem[] {
  const problems: ParamsProblem[] = [];
  for (const name of PARAMETER_NAMES) {
    const list = params[name];
    if (!Array.isArray(list)) continue;
    if (name === 'speed_ranges' && typeof list[0] === 'number' && list[0] !== 0) {
      problems.push({
        path: `/${name}/0`,
        message: `must be 0: speed ranges start at standing, got ${list[0]}`,
      });
    }
    for (let i = 1; i < list.length; i++) {
      const [before, value] = [list[i - 1], list[i]];
      if (typeof before !== 'number' || typeof value !== 'number' || value > before) continue;
      problems.push({
        path: `/${name}/${i}`,
        message: `must be greater than the entry before it: ${value} follows ${before}`,
      });
    }
  }
  return problems;
}
