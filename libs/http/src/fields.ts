import { Buffer } from 'node:buffer';
import * as z from 'zod';
import { dateMessage, dateTimeMessage, isDate, parseDateTime } from './times.ts';

/** The largest id that a message can carry. */
export const maxId = 4_294_967_295;
/** A message nests about three levels for each level of a JSON object, of at most 100. */
const maxJsonDepth = 24;

const notAString = 'Not a valid string.';
const nulMessage = 'Null characters are not allowed.';

/** A string without NUL and without halves of surrogate pairs. */
export function text() {
  return z
    .string({ error: notAString })
    .refine((value) => value.isWellFormed(), { error: notAString })
    .refine((value) => !value.includes('\0'), { error: nulMessage });
}

/** The id of another resource; whether that exists is for its owner to say. */
export function id() {
  return z
    .number({ error: 'A valid integer is required.' })
    .refine((value) => Number.isInteger(value), { error: 'A valid integer is required.', abort: true })
    .refine((value) => value >= 1 && value <= maxId, {
      error: (issue) => `Invalid pk "${String(issue.input)}" - object does not exist.`,
    })
    .meta({ type: 'integer', minimum: 1, maximum: maxId });
}

export function decimal() {
  return z.number({ error: 'A valid number is required.' });
}

export function flag() {
  return z.boolean({ error: 'Must be a valid boolean.' });
}

export function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, {
    error: (issue) =>
      typeof issue.input === 'string'
        ? `"${issue.input.slice(0, 50)}" is not a valid choice.`
        : 'Not a valid choice.',
  });
}

/** RFC 3339 in, ms since the epoch out. */
export function dateTime() {
  return z
    .string({ error: dateTimeMessage('format') })
    .meta({ format: 'date-time' })
    .transform((value, context) => {
      const parsed = parseDateTime(value);
      if (typeof parsed === 'number') return parsed;
      context.addIssue(dateTimeMessage(parsed));
      return z.NEVER;
    });
}

/** `YYYY-MM-DD`. */
export function date() {
  return z.string({ error: dateMessage }).refine(isDate, { error: dateMessage }).meta({ format: 'date' });
}

/** Any JSON object, kept whole. */
export function jsonObject() {
  return z
    .record(z.string(), z.unknown(), { error: 'Expected a JSON object.' })
    .superRefine((value, context) => {
      const problem = jsonProblem(value, 1);
      if (problem !== undefined) context.addIssue(problem);
    })
    .meta({ type: 'object' });
}

function jsonProblem(value: unknown, depth: number): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'A number is out of range.';
  if (typeof value === 'string') return textProblem(value);
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > maxJsonDepth) return `Nested deeper than ${maxJsonDepth} levels.`;
  for (const [key, member] of Object.entries(value)) {
    const problem = textProblem(key) ?? jsonProblem(member, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function textProblem(value: string): string | undefined {
  if (!value.isWellFormed()) return notAString;
  return value.includes('\0') ? nulMessage : undefined;
}

export function listOfText() {
  return z.array(text(), {
    error: (issue) => `Expected a list of items but got type "${typeof issue.input}".`,
  });
}

const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** base64 in, bytes out. */
export function base64() {
  return z
    .string({ error: notAString })
    .refine((value) => base64Pattern.test(value), { error: 'Not valid base64.', abort: true })
    .meta({ contentEncoding: 'base64' })
    .transform((value) => new Uint8Array(Buffer.from(value, 'base64')));
}
