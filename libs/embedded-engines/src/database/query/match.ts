import { compareValues, typeOrder, TypeOrder } from '../bson/compare.ts';
import { readNumeric, toDouble } from '../bson/numbers.ts';
import { forEachValue } from '../bson/reader.ts';
import { BsonType, isNumeric, type RawValue } from '../bson/types.ts';
import type { Comparison, Condition, FieldTest, Filter } from './filter.ts';
import { type Path, someAtPath, type ValueTest } from './path.ts';

export type Match = (document: RawValue) => boolean;

/** Makes a function of a filter, which says whether a document meets it. */
export function compileFilter(filter: Filter): Match {
  switch (filter.kind) {
    case 'field':
      return compileCondition(filter.condition, (test) => atPath(filter.path, test));
    case 'and': {
      const all = filter.filters.map(compileFilter);
      return (document) => all.every((match) => match(document));
    }
    case 'or': {
      const some = filter.filters.map(compileFilter);
      return (document) => some.some((match) => match(document));
    }
    case 'nor': {
      const none = filter.filters.map(compileFilter);
      return (document) => !none.some((match) => match(document));
    }
    default:
      return filter satisfies never;
  }
}

function compileCondition<T>(
  condition: Condition,
  apply: (test: FieldTest) => (subject: T) => boolean,
): (subject: T) => boolean {
  if (condition.kind === 'test') return apply(condition.test);
  const all = condition.conditions.map((one) => compileCondition(one, apply));
  return (subject) => !all.every((match) => match(subject));
}

function atPath(path: Path, test: FieldTest): Match {
  const expand = test.op !== 'exists' && test.op !== 'size' && !test.op.startsWith('elemMatch');
  const matches = compileTest(test);
  return (document) => someAtPath(document, path, expand, matches);
}

/** Whether one element of an array, or a value by itself, meets conditions such as those in `$elemMatch`. */
export function compileValueConditions(conditions: readonly Condition[]): (value: RawValue) => boolean {
  const all = conditions.map((condition) => compileCondition<RawValue>(condition, compileTest));
  return (value) => all.every((match) => match(value));
}

export function compileTest(test: FieldTest): ValueTest {
  switch (test.op) {
    case 'eq':
      return equals(test.operand);
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return compares(test.op, test.operand);
    case 'in': {
      const operands = test.operands.map(equals);
      const { regexes } = test;
      return (value) =>
        operands.some((matches) => matches(value)) ||
        (isText(value) && regexes.some((regex) => regex.test(value)));
    }
    case 'regex': {
      const { regex } = test;
      return (value) =>
        isText(value) ? regex.test(value) : isSameRegex(value, regex.pattern, regex.options);
    }
    case 'exists':
      return (value) => value !== undefined;
    case 'type':
      return (value) => value !== undefined && test.types.has(value.type);
    case 'size':
      return (value) => value?.type === BsonType.array && countOf(value) === test.size;
    case 'mod':
      return (value) => {
        const number = toDouble(value);
        return (
          number !== undefined &&
          Number.isFinite(number) &&
          Math.trunc(number) % test.divisor === test.remainder
        );
      };
    case 'elemMatchObject': {
      const match = compileFilter(test.filter);
      return someElement(
        (item) => (item.type === BsonType.object || item.type === BsonType.array) && match(item),
      );
    }
    case 'elemMatchValue':
      return someElement(compileValueConditions(test.conditions));
    default:
      return test satisfies never;
  }
}

function someElement(matches: (item: RawValue) => boolean): ValueTest {
  return (value) => value?.type === BsonType.array && forEachValue(value.bytes, value.start, matches);
}

export function countOf(array: RawValue): number {
  let count = 0;
  forEachValue(array.bytes, array.start, () => {
    count += 1;
    return false;
  });
  return count;
}

function isText(value: RawValue | undefined): value is RawValue {
  return value !== undefined && (value.type === BsonType.string || value.type === BsonType.symbol);
}

function isSameRegex(value: RawValue | undefined, pattern: string, options: string): boolean {
  return (
    value?.type === BsonType.regex &&
    value.bytes.toString('utf8', value.start, value.end) === `${pattern}\0${options}\0`
  );
}

/** The deprecated type undefined is found by none of the questions for null. */
function isNullish(value: RawValue | undefined): boolean {
  return value === undefined || value.type === BsonType.null;
}

function asksForNull(operand: RawValue): boolean {
  return operand.type === BsonType.null || operand.type === BsonType.undefined;
}

function equals(operand: RawValue): ValueTest {
  if (asksForNull(operand)) return isNullish;
  if (isNumeric(operand.type)) {
    const wanted = readNumeric(operand);
    if (typeof wanted === 'number' && wanted === wanted)
      return (value) => {
        if (value === undefined || !isNumeric(value.type)) return false;
        const number = readNumeric(value);
        return typeof number === 'number' ? number === wanted : compareValues(value, operand) === 0;
      };
  }
  const order = typeOrder(operand.type);
  return (value) =>
    value !== undefined && typeOrder(value.type) === order && compareValues(value, operand) === 0;
}

/** Only values of the operand's own type are compared, but MinKey and MaxKey are compared with all. */
function compares(op: Exclude<Comparison, 'eq'>, operand: RawValue): ValueTest {
  const inclusive = op === 'gte' || op === 'lte';
  if (asksForNull(operand)) return inclusive ? isNullish : () => false;
  const order = typeOrder(operand.type);
  const greater = op === 'gt' || op === 'gte';
  const accepts = (comparison: number) =>
    comparison === 0 ? inclusive : greater ? comparison > 0 : comparison < 0;
  if (order === TypeOrder.minKey || order === TypeOrder.maxKey)
    return (value) => value !== undefined && accepts(compareValues(value, operand));
  if (isNaNValue(operand)) return (value) => inclusive && isNaNValue(value);
  return (value) =>
    value !== undefined &&
    typeOrder(value.type) === order &&
    !isNaNValue(value) &&
    accepts(compareValues(value, operand));
}

function isNaNValue(value: RawValue | undefined): boolean {
  if (value === undefined || (value.type !== BsonType.double && value.type !== BsonType.decimal128))
    return false;
  return Number.isNaN(readNumeric(value));
}
