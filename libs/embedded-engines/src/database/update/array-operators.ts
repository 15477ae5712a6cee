import { compareValues, equalValues } from '../bson/compare.ts';
import { toSafeInteger } from '../bson/numbers.ts';
import { readElements, readValues } from '../bson/reader.ts';
import { BsonType, isNumeric, type RawValue, typeName } from '../bson/types.ts';
import { DatabaseError } from '../errors.ts';
import { isOperatorDocument, parseFilter, parseOperators } from '../query/filter.ts';
import { compileFilter, compileTest, compileValueConditions } from '../query/match.ts';
import { parseSort, sortKey } from '../query/sort.ts';
import { compileRegex } from '../query/regex.ts';

/** Gives the elements after the change; the given ones are not touched. */
export type ArrayChange = (elements: readonly RawValue[]) => readonly RawValue[];

export function parsePush(operand: RawValue): ArrayChange {
  const { each, modifiers } = splitEach('$push', operand, ['$slice', '$sort', '$position']);
  const position = modifiers.get('$position');
  const slice = modifiers.get('$slice');
  const order = modifiers.get('$sort');
  const compare = order && parseElementSort(order);
  const at = position === undefined ? undefined : wholeNumber('$position', position);
  const keep = slice === undefined ? undefined : wholeNumber('$slice', slice);
  return (elements) => {
    const start =
      at === undefined
        ? elements.length
        : at < 0
          ? Math.max(elements.length + at, 0)
          : Math.min(at, elements.length);
    const all = [...elements.slice(0, start), ...each, ...elements.slice(start)];
    if (compare) all.sort(compare);
    if (keep === undefined) return all;
    return keep < 0 ? all.slice(keep) : all.slice(0, keep);
  };
}

function wholeNumber(name: string, value: RawValue): number {
  const number = toSafeInteger(value);
  if (number === undefined)
    throw new DatabaseError(
      'BadValue',
      `The value for ${name} must be an integer value, but found a value of type: ${typeName(value)}`,
    );
  return number;
}

function splitEach(
  operator: string,
  operand: RawValue,
  allowed: readonly string[],
): { each: RawValue[]; modifiers: Map<string, RawValue> } {
  const modifiers = new Map<string, RawValue>();
  if (operand.type !== BsonType.object) return { each: [operand], modifiers };
  const elements = readElements(operand.bytes, operand.start);
  const each = elements.find(({ name }) => name === '$each')?.value;
  if (each === undefined) return { each: [operand], modifiers };
  if (each.type !== BsonType.array)
    throw new DatabaseError(
      'BadValue',
      `The argument to $each in ${operator} must be an array but it was of type ${typeName(each)}`,
    );
  for (const { name, value } of elements) {
    if (name === '$each') continue;
    if (!allowed.includes(name))
      throw new DatabaseError('BadValue', `Unrecognized clause in ${operator}: ${name}`);
    modifiers.set(name, value);
  }
  return { each: readValues(each), modifiers };
}

function parseElementSort(order: RawValue): (a: RawValue, b: RawValue) => number {
  if (isNumeric(order.type)) {
    const sign = toSafeInteger(order);
    if (sign !== 1 && sign !== -1)
      throw new DatabaseError('BadValue', 'The $sort element value must be either 1 or -1');
    return (a, b) => sign * compareValues(a, b);
  }
  const fields = order.type === BsonType.object ? parseSort(order) : undefined;
  if (fields === undefined)
    throw new DatabaseError(
      'BadValue',
      'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
    );
  return (a, b) => keyOf(a).compare(keyOf(b));
  function keyOf(element: RawValue): Buffer {
    return element.type === BsonType.object ? sortKey(fields!, element) : sortKey(fields!, emptyDocument);
  }
}

const emptyBytes = Buffer.from([5, 0, 0, 0, 0]);
const emptyDocument: RawValue = { type: BsonType.object, bytes: emptyBytes, start: 0, end: 5 };

export function parseAddToSet(operand: RawValue): ArrayChange {
  const { each } = splitEach('$addToSet', operand, []);
  return (elements) => {
    const all = [...elements];
    for (const added of each) if (!all.some((element) => equalValues(element, added))) all.push(added);
    return all;
  };
}

export function parsePop(operand: RawValue): ArrayChange {
  const end = toSafeInteger(operand);
  if (end !== 1 && end !== -1) throw new DatabaseError('FailedToParse', '$pop expects 1 or -1');
  return (elements) => (end === 1 ? elements.slice(0, -1) : elements.slice(1));
}

export function parsePullAll(operand: RawValue): ArrayChange {
  if (operand.type !== BsonType.array)
    throw new DatabaseError('BadValue', '$pullAll requires an array argument');
  const unwanted = readValues(operand);
  return (elements) => elements.filter((element) => !unwanted.some((one) => equalValues(one, element)));
}

/** The operand is a query on the elements when it is a document, otherwise a value that they equal. */
export function parsePull(operand: RawValue): ArrayChange {
  const unwanted = pullMatch(operand);
  return (elements) => elements.filter((element) => !unwanted(element));
}

function pullMatch(operand: RawValue): (element: RawValue) => boolean {
  if (operand.type === BsonType.regex) return compileTest({ op: 'regex', regex: compileRegex(operand) });
  if (operand.type !== BsonType.object) return (element) => equalValues(element, operand);
  if (isOperatorDocument(operand)) return compileValueConditions(parseOperators(operand, 0));
  const match = compileFilter(parseFilter(operand));
  return (element) => element.type === BsonType.object && match(element);
}
