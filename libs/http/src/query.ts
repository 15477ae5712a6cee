import type { FieldMessages } from './errors.ts';
import { maxId } from './fields.ts';
import { dateMessage, dateTimeMessage, isDate, parseDateTime } from './times.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A query parameter: how its text is read and how OpenAPI describes it. */
export interface QueryField<T> {
  read(text: string): { value: T } | { problem: string };
  schema: JsonSchema;
  description: string;
  required?: boolean;
  example?: string;
}

export type QueryFields = Readonly<Record<string, QueryField<unknown>>>;

export type QueryValues<F extends QueryFields> = {
  [K in keyof F]?: F[K] extends QueryField<infer T> ? T : never;
};

interface Described {
  description: string;
  example?: string;
  required?: boolean;
}

function field<T>(schema: JsonSchema, described: Described, read: QueryField<T>['read']): QueryField<T> {
  return { ...described, schema, read };
}

export function queryText(described: Described): QueryField<string> {
  return field({ type: 'string' }, described, (text) =>
    text.includes('\0') ? { problem: 'Null characters are not allowed.' } : { value: text },
  );
}

/** An id to compare with; a number that is no id reads as 0, which nothing has. */
export function queryId(described: Described): QueryField<number> {
  return field({ type: 'number' }, described, (text) => {
    if (!/^[+-]?\d+(\.\d+)?$/.test(text.trim())) return { problem: 'Enter a number.' };
    const value = Number(text);
    return { value: Number.isInteger(value) && value >= 1 && value <= maxId ? value : 0 };
  });
}

export function queryFlag(described: Described): QueryField<boolean> {
  return field({ type: 'boolean' }, described, (text) => {
    switch (text.toLowerCase()) {
      case 'true':
      case '1':
        return { value: true };
      case 'false':
      case '0':
        return { value: false };
      default:
        return { problem: 'Must be a valid boolean.' };
    }
  });
}

export function queryChoice<const T extends string>(
  values: readonly T[],
  described: Described,
): QueryField<T> {
  return field({ type: 'string', enum: values }, described, (text) => {
    const value = values.find((candidate) => candidate === text);
    if (value !== undefined) return { value };
    return { problem: `Select a valid choice. ${text.slice(0, 50)} is not one of the available choices.` };
  });
}

export function queryDate(described: Described): QueryField<string> {
  return field({ type: 'string', format: 'date' }, described, (text) =>
    isDate(text) ? { value: text } : { problem: dateMessage },
  );
}

/** ms since the epoch. A space stands for `+`: programs leave `+` unencoded. */
export function queryDateTime(described: Described): QueryField<number> {
  return field({ type: 'string', format: 'date-time' }, described, (text) => {
    const parsed = parseDateTime(text.replaceAll(' ', '+'));
    return typeof parsed === 'number' ? { value: parsed } : { problem: dateTimeMessage(parsed) };
  });
}

export interface ReadQuery<F extends QueryFields> {
  values: QueryValues<F>;
  errors: FieldMessages;
}

/** Reads the known parameters; of several with one name the last that is not empty counts. */
export function readQuery<F extends QueryFields>(fields: F, parameters: URLSearchParams): ReadQuery<F> {
  const values: Record<string, unknown> = {};
  const errors: Record<string, string[]> = {};
  for (const [name, known] of Object.entries(fields)) {
    const text = lastValue(parameters, name);
    if (text === undefined) {
      if (known.required) errors[name] = ['This field is required.'];
      continue;
    }
    const read = known.read(text);
    if ('value' in read) values[name] = read.value;
    else errors[name] = [read.problem];
  }
  return { values: values as QueryValues<F>, errors };
}

export function lastValue(parameters: URLSearchParams, name: string): string | undefined {
  if (parameters.size === 0) return undefined;
  return parameters.getAll(name).findLast((value) => value !== '');
}
