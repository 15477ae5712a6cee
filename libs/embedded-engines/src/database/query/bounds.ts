import { BsonType, type RawValue } from '../bson/types.ts';
import { encodeValue } from '../bson/writer.ts';
import { TypeOrder, typeOrder } from '../bson/compare.ts';
import { encodeKey } from '../bson/key.ts';
import { readNumeric } from '../bson/numbers.ts';
import type { Condition, FieldTest, Filter } from './filter.ts';
import { type Path, parsePath } from './path.ts';
import { comparedWith, type Interval, isNullOrder, normalise, pointOf, stringsFrom } from './interval.ts';
import type { CompiledRegex } from './regex.ts';

/** What a query says about the keys of one path. */
export interface Bound {
  readonly path: Path;
  readonly intervals: readonly Interval[];
  /** Every value that is in the intervals and holds what is asked for meets the condition, so that it need not be looked at again. */
  readonly exact: boolean;
  /** Bounds of the same scope speak about the same element of an array. */
  readonly scope: object;
  /** The path runs through the array of an `$elemMatch` on documents. */
  readonly inElement: boolean;
  /** What is asked of a text within. */
  readonly holds: Holding | undefined;
}

/** Keys of strings that hold these bytes, or the one other key that is looked for. */
export interface Holding {
  readonly bytes: Buffer;
  readonly other: Interval;
}

export interface Bounds {
  readonly bounds: readonly Bound[];
  /** The bounds say all that the filter says. */
  readonly complete: boolean;
  /** Alternatives that the filter asks for beside the bounds. */
  readonly alternatives: readonly (readonly Filter[])[];
}

/** Finds what of a filter an index could serve: the conditions that all must hold. */
export function boundsOf(filter: Filter): Bounds {
  const bounds: Bound[] = [];
  const alternatives: (readonly Filter[])[] = [];
  let complete = true;
  const take = (one: Filter): void => {
    if (one.kind === 'and' || (one.kind === 'or' && one.filters.length === 1)) one.filters.forEach(take);
    else if (one.kind === 'field') {
      const found = boundsOfCondition(one.path, one.condition, '');
      bounds.push(...found.bounds);
      complete &&= found.complete;
    } else {
      if (one.kind === 'or') alternatives.push(one.filters);
      complete = false;
    }
  };
  take(filter);
  return { bounds, complete, alternatives };
}

const nothing = { bounds: [] as Bound[], complete: false };

function boundsOfCondition(
  path: Path,
  condition: Condition,
  prefix: string,
  scope: object = {},
  inElement = false,
): { bounds: Bound[]; complete: boolean } {
  if (condition.kind === 'not') return nothing;
  const { test } = condition;
  const full = prefix === '' ? path : parsePath(`${prefix}.${path.text}`);
  if (full.parts.some(({ index }) => index >= 0)) return nothing;
  if (test.op === 'elemMatchObject') return inside(full, test.filter);
  if (test.op === 'elemMatchValue') {
    const own = {};
    const found = test.conditions.map((one) => boundsOfCondition(full, one, '', own));
    return {
      bounds: found.flatMap(({ bounds }) => bounds).map((bound) => ({ ...bound, exact: false })),
      complete: false,
    };
  }
  const found = intervalsOf(test);
  if (found === undefined) return nothing;
  const bound: Bound = {
    path: full,
    intervals: normalise(found.intervals),
    exact: found.exact,
    scope,
    inElement,
    holds: found.holds,
  };
  return { bounds: [bound], complete: found.exact };
}

/** The conditions in an `$elemMatch` on documents, which one element must meet together. */
function inside(path: Path, filter: Filter): { bounds: Bound[]; complete: boolean } {
  const scope = {};
  const fields = filter.kind === 'and' ? filter.filters : [filter];
  const found = fields.map((field) =>
    field.kind === 'field' ? boundsOfCondition(field.path, field.condition, path.text, scope, true) : nothing,
  );
  return {
    bounds: found.flatMap(({ bounds }) => bounds),
    complete: fields.length > 0 && fields.every(isOfOwnField) && found.every(({ complete }) => complete),
  };
}

function isOfOwnField(filter: Filter): boolean {
  return (
    filter.kind === 'field' &&
    filter.path.parts.length === 1 &&
    filter.condition.kind === 'test' &&
    filter.condition.test.op !== 'elemMatchObject'
  );
}

interface Found {
  readonly intervals: readonly Interval[];
  readonly exact: boolean;
  readonly holds?: Holding | undefined;
}

function intervalsOf(test: FieldTest): Found | undefined {
  switch (test.op) {
    case 'eq':
      return ofEqual(test.operand);
    case 'in': {
      const each = test.operands.map(ofEqual);
      if (test.regexes.length > 0 || each.includes(undefined)) return undefined;
      return { intervals: each.flatMap((one) => one!.intervals), exact: each.every((one) => one!.exact) };
    }
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return ofComparison(test.op, test.operand);
    case 'regex':
      return ofRegex(test.regex);
    case 'exists':
    case 'type':
    case 'size':
    case 'mod':
    case 'elemMatchObject':
    case 'elemMatchValue':
      return undefined;
    default:
      return test satisfies never;
  }
}

/** An array equals whole arrays, too, which have no key of their own. */
function ofEqual(operand: RawValue): Found | undefined {
  if (operand.type === BsonType.array || operand.type === BsonType.undefined) return undefined;
  return { intervals: [pointOf(operand)], exact: !isNullOrder(operand) };
}

function ofComparison(op: 'gt' | 'gte' | 'lt' | 'lte', operand: RawValue): Found | undefined {
  const order = typeOrder(operand.type);
  if (order === TypeOrder.array || order === TypeOrder.minKey || order === TypeOrder.maxKey) return undefined;
  const inclusive = op === 'gte' || op === 'lte';
  if (isNullOrder(operand)) return { intervals: inclusive ? [pointOf(undefined)] : [], exact: false };
  const isNaNOperand = order === TypeOrder.number && Number.isNaN(readNumeric(operand));
  if (isNaNOperand) return { intervals: inclusive ? [pointOf(operand)] : [], exact: true };
  return { intervals: [comparedWith(op, operand)], exact: true };
}

/** Strings, and the regular expression itself, which a query by one finds as well. */
function ofRegex({ pattern, options, literal }: CompiledRegex): Found {
  const itself = pointOf(regexValue(pattern, options));
  const strings = stringsFrom(literal?.anchored ? literal.text : '');
  const intervals = [strings, itself];
  if (literal === undefined) return { intervals, exact: false };
  if (literal.anchored || literal.text === '') return { intervals, exact: true };
  // As it stands within the key of a string, where the bytes 0 and 1 are two: the second of them may be found instead.
  const bytes = encodeKey(encodeValue(literal.text)).subarray(1, -1);
  return { intervals, exact: bytes.every((byte) => byte > 2), holds: { bytes, other: itself } };
}

function regexValue(pattern: string, options: string): RawValue {
  const bytes = Buffer.from(`${pattern}\0${options}\0`);
  return { type: BsonType.regex, bytes, start: 0, end: bytes.length };
}
