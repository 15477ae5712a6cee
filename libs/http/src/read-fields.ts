import * as z from 'zod';
import { type FieldMessages, nonFieldErrors } from './errors.ts';

/** What a schema yields when the fields that came wrong are left out. */
export type DeepPartial<T> = T extends Uint8Array | readonly unknown[]
  ? T
  : T extends object
    ? string extends keyof T
      ? T
      : { [K in keyof T]?: DeepPartial<NonNullable<T[K]>> | undefined }
    : T;

export interface ReadFields<T> {
  /** Without the fields that are missing, null or wrong. */
  value: DeepPartial<T>;
  errors: FieldMessages;
  /** The names of fields that came as null, where that says something: in an update, that there is to be no value. */
  cleared: readonly string[];
}

const required = 'This field is required.';
const notNull = 'This field may not be null.';

/**
 * Reads a JSON value by the fields of a schema: every wrong field is reported, unknown ones are ignored, a field that
 * is null where it may be is named beside the others.
 */
export function readFields<S extends z.ZodObject>(schema: S, json: unknown): ReadFields<z.output<S>> {
  const found: Found = { errors: {}, cleared: [] };
  const value = readObject(schema, json, '', found);
  return { value: value as DeepPartial<z.output<S>>, ...found };
}

/** What is noted while the fields are read. */
interface Found {
  errors: Record<string, string[]>;
  cleared: string[];
}

function readObject(schema: z.ZodObject, json: unknown, path: string, found: Found): Record<string, unknown> {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  if (!isObject)
    found.errors[path || nonFieldErrors] = [`Invalid data. Expected a dictionary, but got ${nameOf(json)}.`];
  const source: object = isObject ? json : {};
  const value: Record<string, unknown> = {};
  // A nested value of another type says all there is to say; at the top its required fields are missed, too.
  if (!isObject && path !== '') return value;
  for (const [key, field] of Object.entries(schema.shape)) {
    const name = path ? `${path}.${key}` : key;
    const read = readField(
      field,
      Object.hasOwn(source, key) ? source[key as keyof object] : undefined,
      name,
      found,
    );
    if (read !== undefined) value[key] = read;
  }
  return value;
}

function readField(field: z.ZodType, given: unknown, name: string, { errors, cleared }: Found): unknown {
  const { type, optional, nullable } = unwrap(field);
  if (given === undefined) {
    if (!optional) errors[name] = [required];
    return undefined;
  }
  if (given === null) {
    if (nullable) cleared.push(name);
    else errors[name] = [notNull];
    return undefined;
  }
  if (type instanceof z.ZodObject) return readObject(type, given, name, { errors, cleared });
  const result = type.safeParse(given);
  if (result.success) return result.data;
  errors[name] = [...new Set(result.error.issues.map((issue) => issue.message))];
  return undefined;
}

interface Unwrapped {
  type: z.ZodType;
  optional: boolean;
  nullable: boolean;
}

function unwrap(field: z.ZodType): Unwrapped {
  if (field instanceof z.ZodOptional) return { ...unwrap(field.unwrap() as z.ZodType), optional: true };
  if (field instanceof z.ZodNullable) return { ...unwrap(field.unwrap() as z.ZodType), nullable: true };
  return { type: field, optional: false, nullable: false };
}

function nameOf(json: unknown): string {
  if (json === null) return 'null';
  return Array.isArray(json) ? 'list' : typeof json;
}
