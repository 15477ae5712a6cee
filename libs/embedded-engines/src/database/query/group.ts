import { ArithmeticError, calculate } from '../bson/arithmetic.ts';
import { compareValues } from '../bson/compare.ts';
import { encodeKey } from '../bson/key.ts';
import { toDouble } from '../bson/numbers.ts';
import { readElements, rawDocument } from '../bson/reader.ts';
import { BsonType, isNumeric, type RawValue } from '../bson/types.ts';
import { BsonWriter, DoubleValue, type Encodable, encodeValue } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';
import { type Expression, parseExpression } from './expression.ts';

interface Accumulator {
  add(value: RawValue | undefined): void;
  result(): Encodable;
}

const zero = encodeValue(0);
const one = encodeValue(1);

const accumulators: Readonly<Record<string, () => Accumulator>> = {
  $sum: () => {
    let sum = zero;
    return {
      add: (value) => (sum = value && isNumeric(value.type) ? addWidening(sum, value) : sum),
      result: () => sum,
    };
  },
  $avg: () => {
    let sum = 0;
    let count = 0;
    return {
      add: (value) => {
        if (value === undefined || !isNumeric(value.type)) return;
        sum += toDouble(value)!;
        count += 1;
      },
      result: () => (count === 0 ? null : new DoubleValue(sum / count)),
    };
  },
  $min: () => extreme((order) => order < 0),
  $max: () => extreme((order) => order > 0),
  $first: () => {
    let first: RawValue | null | undefined;
    return {
      add: (value) => (first === undefined ? (first = value ?? null) : first),
      result: () => first ?? null,
    };
  },
  $last: () => {
    let last: RawValue | undefined;
    return { add: (value) => (last = value), result: () => last ?? null };
  },
  $push: () => {
    const list: RawValue[] = [];
    return { add: (value) => value && list.push(value), result: () => list };
  },
  $addToSet: () => {
    const set = new Map<string, RawValue>();
    return {
      add: (value) => value && set.set(encodeKey(value).toString('latin1'), value),
      result: () => [...set.values()],
    };
  },
};

function addWidening(sum: RawValue, value: RawValue): RawValue {
  try {
    return calculate('add', sum, value);
  } catch (error) {
    if (!(error instanceof ArithmeticError)) throw error;
    if (sum.type === BsonType.decimal128 || value.type === BsonType.decimal128)
      throw new DatabaseError('BadValue', error.message);
    return encodeValue(new DoubleValue(toDouble(sum)! + toDouble(value)!));
  }
}

/** Null and missing values do not count. */
function extreme(better: (order: number) => boolean): Accumulator {
  let found: RawValue | undefined;
  return {
    add: (value) => {
      if (value === undefined || value.type === BsonType.null || value.type === BsonType.undefined) return;
      if (found === undefined || better(compareValues(value, found))) found = value;
    },
    result: () => found ?? null,
  };
}

interface GroupField {
  readonly name: string;
  readonly accumulator: () => Accumulator;
  readonly expression: Expression;
}

const maxGroupBytes = 104_857_600;

/** A `$group` stage: takes documents one by one and gives one document for each distinct `_id`. */
export class Grouping {
  readonly #id: Expression;
  readonly #fields: readonly GroupField[];
  readonly #groups = new Map<string, { id: RawValue | undefined; accumulators: Accumulator[] }>();
  #bytes = 0;
  /** Set when the stage only counts all documents: the name of the sum, and the `_id`. */
  readonly counts: { readonly name: string; readonly id: RawValue } | undefined;

  constructor(value: RawValue) {
    if (value.type !== BsonType.object)
      throw new DatabaseError('Location15947', "a group's fields must be specified in an object");
    const elements = readElements(value.bytes, value.start);
    const id = elements.find(({ name }) => name === '_id')?.value;
    if (id === undefined)
      throw new DatabaseError('Location15955', 'a group specification must include an _id');
    this.#id = parseExpression(id);
    this.#fields = elements
      .filter(({ name }) => name !== '_id')
      .map(({ name, value: field }) => parseField(name, field));
    this.counts = countsOnly(
      id,
      elements.filter(({ name }) => name !== '_id'),
    );
  }

  add(document: RawValue): void {
    const id = this.#id(document);
    const key = id === undefined ? '' : encodeKey(id).toString('latin1');
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { id, accumulators: this.#fields.map(({ accumulator }) => accumulator()) };
      this.#groups.set(key, group);
      this.#bytes += key.length + 100;
    }
    for (const [i, { expression }] of this.#fields.entries()) {
      const value = expression(document);
      group.accumulators[i]!.add(value);
      if (value?.bytes === document.bytes) this.#bytes += value.end - value.start;
    }
    if (this.#bytes > 10 * maxGroupBytes)
      throw new DatabaseError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        'Exceeded memory limit for $group, but did not opt in to external sorting.',
      );
  }

  *finish(): Generator<RawValue, void, undefined> {
    for (const { id, accumulators: results } of this.#groups.values())
      yield groupDocument(
        id,
        this.#fields.map(({ name }, i) => [name, results[i]!.result()]),
      );
  }
}

export function groupDocument(
  id: RawValue | undefined,
  fields: readonly (readonly [string, Encodable])[],
): RawValue {
  const writer = new BsonWriter(64);
  const begun = writer.begin();
  writer.element('_id', id ?? null);
  for (const [name, value] of fields) writer.element(name, value);
  writer.end(begun);
  return rawDocument(writer.finish());
}

function parseField(name: string, value: RawValue): GroupField {
  if (name.includes('.'))
    throw new DatabaseError('Location40235', `The field name '${name}' cannot contain '.'`);
  if (name.startsWith('$'))
    throw new DatabaseError('Location40236', `The field name '${name}' cannot be an operator name`);
  const elements = value.type === BsonType.object ? readElements(value.bytes, value.start) : [];
  const [first] = elements;
  if (first === undefined || !first.name.startsWith('$'))
    throw new DatabaseError('Location40234', `The field '${name}' must be an accumulator object`);
  if (elements.length > 1)
    throw new DatabaseError('Location40238', `The field '${name}' must specify one accumulator`);
  if (first.name === '$count') return { name, accumulator: accumulators['$sum']!, expression: () => one };
  const accumulator = Object.hasOwn(accumulators, first.name) ? accumulators[first.name] : undefined;
  if (accumulator === undefined)
    throw new DatabaseError('Location15952', `unknown group operator '${first.name}'`);
  return { name, accumulator, expression: parseExpression(first.value) };
}

/** `{_id: constant, n: {$sum: 1}}` is what drivers count documents by. */
function countsOnly(id: RawValue, fields: readonly { name: string; value: RawValue }[]): Grouping['counts'] {
  const [field, ...others] = fields;
  if (!isNumeric(id.type) && id.type !== BsonType.null) return undefined;
  if (field === undefined || others.length > 0 || field.value.type !== BsonType.object) return undefined;
  const [first] = readElements(field.value.bytes, field.value.start);
  return first?.name === '$sum' && first.value.type === BsonType.int32 && toDouble(first.value) === 1
    ? { name: field.name, id }
    : undefined;
}
