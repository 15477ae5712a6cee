import { setFlagsFromString } from 'node:v8';

import { invalidArgument } from '../errors.ts';

// A pattern that backtracks without end would stop the log. V8 then changes to an engine whose time is linear; the flag
// is read whenever a pattern is compiled. Patterns that only the first engine knows (look-around, references) stay there.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

/** Which events of $all are wanted, by the name of their stream or by their type. */
export interface EventFilter {
  readonly on: 'stream' | 'type';
  matches(name: string): boolean;
}

const MAX_PATTERN_LENGTH = 1024;
const MAX_PREFIXES = 1024;

export interface FilterExpression {
  readonly regex: string;
  readonly prefixes: readonly string[];
}

/** @throws LogCallError when the expression is empty, both, too large or no regular expression. */
export function eventFilter(on: EventFilter['on'], { regex, prefixes }: FilterExpression): EventFilter {
  if (regex !== '' && prefixes.length > 0)
    throw invalidArgument('A filter has a regular expression or prefixes, not both.');
  if (prefixes.length > 0) return prefixFilter(on, prefixes);
  if (regex === '') throw invalidArgument('A filter needs a regular expression or at least one prefix.');
  if (regex.length > MAX_PATTERN_LENGTH) {
    throw invalidArgument(
      `A filter's regular expression has at most ${MAX_PATTERN_LENGTH} characters, not ${regex.length}.`,
    );
  }
  const pattern = compile(regex);
  return { on, matches: (name) => pattern.test(name) };
}

function prefixFilter(on: EventFilter['on'], prefixes: readonly string[]): EventFilter {
  if (prefixes.length > MAX_PREFIXES)
    throw invalidArgument(`A filter has at most ${MAX_PREFIXES} prefixes, not ${prefixes.length}.`);
  return { on, matches: (name) => prefixes.some((prefix) => name.startsWith(prefix)) };
}

function compile(regex: string): RegExp {
  try {
    return new RegExp(regex);
  } catch (cause) {
    throw invalidArgument(
      `The filter's regular expression cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
    );
  }
}
