import { toDouble, toSafeInteger } from '../bson/numbers.ts';
import { readElements, readString, readValues } from '../bson/reader.ts';
import { BsonType, isKnownType, isNumeric, type RawValue, typeOfName } from '../bson/types.ts';
import { DatabaseError } from '../errors.ts';
import { type Path, parsePath } from './path.ts';
import { type CompiledRegex, compileRegex } from './regex.ts';

export type Comparison = 'eq' | 'gt' | 'gte' | 'lt' | 'lte';

/** What is asked of one value. */
export type FieldTest =
  | { readonly op: Comparison; readonly operand: RawValue }
  | { readonly op: 'in'; readonly operands: readonly RawValue[]; readonly regexes: readonly CompiledRegex[] }
  | { readonly op: 'regex'; readonly regex: CompiledRegex }
  | { readonly op: 'exists' }
  | { readonly op: 'type'; readonly types: ReadonlySet<number> }
  | { readonly op: 'size'; readonly size: number }
  | { readonly op: 'mod'; readonly divisor: number; readonly remainder: number }
  | { readonly op: 'elemMatchObject'; readonly filter: Filter }
  | { readonly op: 'elemMatchValue'; readonly conditions: readonly Condition[] };

/** Tests on the values of one path, each of which may be met by another element of an array. */
export type Condition =
  | { readonly kind: 'test'; readonly test: FieldTest }
  | { readonly kind: 'not'; readonly conditions: readonly Condition[] };

export type Filter =
  | { readonly kind: 'and' | 'or' | 'nor'; readonly filters: readonly Filter[] }
  | { readonly kind: 'field'; readonly path: Path; readonly condition: Condition };

const maxFilterDepth = 100;

/** Reads a query document. Throws a `DatabaseError` for an operator that does not exist or is not supported. */
export function parseFilter(document: RawValue, depth = 0): Filter {
  if (depth > maxFilterDepth)
    throw new DatabaseError('BadValue', `the query is nested deeper than ${maxFilterDepth} levels`);
  const filters: Filter[] = [];
  for (const { name, value } of readElements(document.bytes, document.start)) {
    switch (name) {
      case '$and':
      case '$or':
      case '$nor':
        filters.push({
          kind: name === '$and' ? 'and' : name === '$or' ? 'or' : 'nor',
          filters: parseBranches(name, value, depth),
        });
        break;
      case '$comment':
        break;
      default:
        if (name.startsWith('$')) throw unknownTopLevel(name);
        for (const condition of parseField(value, depth))
          filters.push({ kind: 'field', path: parsePath(name), condition });
    }
  }
  return filters.length === 1 ? filters[0]! : { kind: 'and', filters };
}

const refusedTopLevel = [
  '$expr',
  '$where',
  '$text',
  '$jsonSchema',
  '$alwaysTrue',
  '$alwaysFalse',
  '$sampleRate',
];

function unknownTopLevel(name: string): DatabaseError {
  return refusedTopLevel.includes(name)
    ? new DatabaseError('BadValue', `${name} is not supported by this server`)
    : new DatabaseError(
        'BadValue',
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
}

function parseBranches(name: string, value: RawValue, depth: number): Filter[] {
  if (value.type !== BsonType.array) throw new DatabaseError('BadValue', `${name} must be an array`);
  const branches = readValues(value);
  if (branches.length === 0) throw new DatabaseError('BadValue', '$and/$or/$nor must be a nonempty array');
  return branches.map((branch) => {
    if (branch.type !== BsonType.object)
      throw new DatabaseError('BadValue', '$or/$and/$nor entries need to be full objects');
    return parseFilter(branch, depth + 1);
  });
}

/** The conditions that stand beside a field's name: a value to equal, a regular expression or operators. */
function parseField(value: RawValue, depth: number): Condition[] {
  if (isOperatorDocument(value)) return parseOperators(value, depth);
  if (value.type === BsonType.regex) return [test({ op: 'regex', regex: compileRegex(value) })];
  return [test({ op: 'eq', operand: value })];
}

export function isOperatorDocument(value: RawValue): boolean {
  if (value.type !== BsonType.object) return false;
  const first = readElements(value.bytes, value.start)[0]?.name;
  return first !== undefined && first.startsWith('$') && !['$ref', '$id', '$db'].includes(first);
}

function test(fieldTest: FieldTest): Condition {
  return { kind: 'test', test: fieldTest };
}

function not(...conditions: Condition[]): Condition {
  return { kind: 'not', conditions };
}

export function parseOperators(document: RawValue, depth: number): Condition[] {
  if (depth > maxFilterDepth)
    throw new DatabaseError('BadValue', `the query is nested deeper than ${maxFilterDepth} levels`);
  const elements = readElements(document.bytes, document.start);
  const options = elements.find(({ name }) => name === '$options')?.value;
  if (options !== undefined && !elements.some(({ name }) => name === '$regex'))
    throw new DatabaseError('BadValue', '$options needs a $regex');
  return elements
    .filter(({ name }) => name !== '$options')
    .flatMap(({ name, value }) => parseOperator(name, value, options, depth));
}

function parseOperator(
  name: string,
  value: RawValue,
  options: RawValue | undefined,
  depth: number,
): Condition[] {
  switch (name) {
    case '$eq':
      return [test({ op: 'eq', operand: value })];
    case '$ne':
      refuseRegex(name, value);
      return [not(test({ op: 'eq', operand: value }))];
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      refuseRegex(name, value);
      return [test({ op: name.slice(1) as Comparison, operand: value })];
    case '$in':
      return [test(parseIn(name, value))];
    case '$nin':
      return [not(test(parseIn(name, value)))];
    case '$exists':
      return [isTrue(value) ? test({ op: 'exists' }) : not(test({ op: 'exists' }))];
    case '$type':
      return [test({ op: 'type', types: parseTypes(value) })];
    case '$size':
      return [test({ op: 'size', size: parseSize(value) })];
    case '$mod':
      return [test(parseMod(value))];
    case '$regex':
      if (options !== undefined && options.type !== BsonType.string)
        throw new DatabaseError('BadValue', '$options has to be a string');
      return [test({ op: 'regex', regex: compileRegex(value, options && readString(options)) })];
    case '$not':
      return [parseNot(value, depth)];
    case '$all':
      return parseAll(value, depth);
    case '$elemMatch':
      return [test(parseElemMatch(value, depth))];
    default:
      throw new DatabaseError('BadValue', `unknown operator: ${name}`);
  }
}

function refuseRegex(name: string, value: RawValue): void {
  if (value.type === BsonType.regex)
    throw new DatabaseError('BadValue', `Can't have RegEx as arg to predicate over field with ${name}`);
}

function parseIn(name: string, value: RawValue): FieldTest {
  if (value.type !== BsonType.array) throw new DatabaseError('BadValue', `${name} needs an array`);
  const all = readValues(value);
  for (const item of all)
    if (isOperatorDocument(item)) throw new DatabaseError('BadValue', `cannot nest $ under ${name}`);
  return {
    op: 'in',
    operands: all.filter((item) => item.type !== BsonType.regex),
    regexes: all.filter((item) => item.type === BsonType.regex).map((item) => compileRegex(item)),
  };
}

export function isTrue(value: RawValue): boolean {
  switch (value.type) {
    case BsonType.boolean:
      return value.bytes[value.start] === 1;
    case BsonType.null:
    case BsonType.undefined:
      return false;
    default:
      return !isNumeric(value.type) || toDouble(value) !== 0;
  }
}

const numberTypes = [BsonType.double, BsonType.int32, BsonType.int64, BsonType.decimal128];

function parseTypes(value: RawValue): Set<number> {
  const types = new Set<number>();
  const wanted = value.type === BsonType.array ? readValues(value) : [value];
  if (wanted.length === 0) throw new DatabaseError('FailedToParse', '$type must match at least one type');
  for (const one of wanted) {
    if (one.type === BsonType.string) {
      const name = readString(one);
      const type = typeOfName(name);
      if (name === 'number') for (const each of numberTypes) types.add(each);
      else if (type === undefined) throw new DatabaseError('BadValue', `Unknown type name alias: ${name}`);
      else types.add(type);
    } else {
      const code = toSafeInteger(one);
      const type = code === -1 ? BsonType.minKey : code;
      if (type === undefined || !isKnownType(type))
        throw new DatabaseError('BadValue', `Invalid numerical type code: ${code}`);
      types.add(type);
    }
  }
  return types;
}

function parseSize(value: RawValue): number {
  const size = toSafeInteger(value);
  if (size === undefined) throw new DatabaseError('BadValue', 'Failed to parse $size. Expected an integer');
  if (size < 0) throw new DatabaseError('BadValue', 'Failed to parse $size. Expected a non-negative number');
  return size;
}

function parseMod(value: RawValue): FieldTest {
  const numbers = value.type === BsonType.array ? readValues(value).map(toDouble) : undefined;
  if (numbers === undefined) throw new DatabaseError('BadValue', 'malformed mod, needs to be an array');
  const [divisor, remainder] = numbers;
  if (numbers.length !== 2 || divisor === undefined || remainder === undefined)
    throw new DatabaseError(
      'BadValue',
      `malformed mod, ${numbers.length < 2 ? 'not enough' : 'too many'} elements`,
    );
  if (Math.trunc(divisor) === 0) throw new DatabaseError('BadValue', 'divisor cannot be 0');
  return { op: 'mod', divisor: Math.trunc(divisor), remainder: Math.trunc(remainder) };
}

function parseNot(value: RawValue, depth: number): Condition {
  if (value.type === BsonType.regex) return not(test({ op: 'regex', regex: compileRegex(value) }));
  if (value.type !== BsonType.object) throw new DatabaseError('BadValue', '$not needs a regex or a document');
  const conditions = parseOperators(value, depth + 1);
  if (conditions.length === 0) throw new DatabaseError('BadValue', '$not cannot be empty');
  return not(...conditions);
}

function parseAll(value: RawValue, depth: number): Condition[] {
  if (value.type !== BsonType.array) throw new DatabaseError('BadValue', '$all needs an array');
  const items = readValues(value);
  if (items.length === 0) return [test({ op: 'in', operands: [], regexes: [] })];
  return items.map((item) => {
    if (item.type === BsonType.regex) return test({ op: 'regex', regex: compileRegex(item) });
    if (!isOperatorDocument(item)) return test({ op: 'eq', operand: item });
    const [first, ...more] = readElements(item.bytes, item.start);
    if (first?.name !== '$elemMatch' || more.length > 0)
      throw new DatabaseError('BadValue', 'no $ expressions in $all');
    return test(parseElemMatch(first.value, depth));
  });
}

function parseElemMatch(value: RawValue, depth: number): FieldTest {
  if (value.type !== BsonType.object) throw new DatabaseError('BadValue', '$elemMatch needs an Object');
  const logical = ['$and', '$or', '$nor', '$comment'];
  const first = readElements(value.bytes, value.start)[0]?.name;
  return isOperatorDocument(value) && !logical.includes(first ?? '')
    ? { op: 'elemMatchValue', conditions: parseOperators(value, depth + 1) }
    : { op: 'elemMatchObject', filter: parseFilter(value, depth + 1) };
}
