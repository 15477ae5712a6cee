import { toDouble } from '../bson/numbers.ts';
import { rawDocument, readElements, readString } from '../bson/reader.ts';
import { BsonType, isNumeric, type RawElement, type RawValue } from '../bson/types.ts';
import { type Encodable, encodeDocument } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';
import { type Filter, isTrue, parseFilter } from '../query/filter.ts';
import { compileFilter, type Match } from '../query/match.ts';
import { parsePath } from '../query/path.ts';
import { type IndexField, maxIndexFields } from './index-keys.ts';

/** What an index was asked to be. */
export interface IndexSpec {
  readonly name: string;
  readonly fields: readonly IndexField[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly partial: { readonly filter: Filter; readonly match: Match } | undefined;
  /** As `listIndexes` shows it. */
  readonly document: Buffer;
}

const refused = [
  'expireAfterSeconds',
  'collation',
  'weights',
  'wildcardProjection',
  'text',
  '2dsphereIndexVersion',
  'clustered',
  'prepareUnique',
];
const ignored = ['background', 'v', 'ns', 'hidden'];

/** Reads a specification of `createIndexes`, or one that was stored. */
export function parseIndexSpec(specification: RawValue): IndexSpec {
  const elements = readElements(specification.bytes, specification.start);
  const key = elements.find(({ name }) => name === 'key')?.value;
  const name = elements.find((element) => element.name === 'name')?.value;
  if (key?.type !== BsonType.object)
    throw new DatabaseError(
      'FailedToParse',
      "The 'key' field is a required property of an index specification",
    );
  if (name?.type !== BsonType.string)
    throw new DatabaseError(
      'FailedToParse',
      "The 'name' field is a required property of an index specification",
    );
  let unique = false;
  let sparse = false;
  let partial: IndexSpec['partial'];
  const shown: Record<string, Encodable> = { v: 2, key, name };
  for (const element of elements) {
    switch (element.name) {
      case 'key':
      case 'name':
        break;
      case 'unique':
        unique = isTrue(element.value);
        if (unique) shown['unique'] = true;
        break;
      case 'sparse':
        sparse = isTrue(element.value);
        if (sparse) shown['sparse'] = true;
        break;
      case 'partialFilterExpression':
        partial = parsePartial(element.value);
        shown['partialFilterExpression'] = element.value;
        break;
      default:
        refuseOption(element);
    }
  }
  if (sparse && partial)
    throw new DatabaseError('CannotCreateIndex', 'cannot mix "partialFilterExpression" and "sparse" options');
  const text = readString(name);
  if (text === '' || text.includes('\0'))
    throw new DatabaseError('CannotCreateIndex', 'index name cannot be empty or hold a null byte');
  return { name: text, fields: parseKey(key), unique, sparse, partial, document: encodeDocument(shown) };
}

function refuseOption({ name, value }: RawElement): void {
  if (ignored.includes(name)) return;
  if (refused.includes(name))
    throw new DatabaseError(
      'CannotCreateIndex',
      `the index option '${name}' is not supported by this server`,
    );
  throw new DatabaseError(
    'InvalidOptions',
    `The field '${name}' is not valid for an index specification. Specification: ${value.type}`,
  );
}

function parsePartial(value: RawValue): NonNullable<IndexSpec['partial']> {
  if (value.type !== BsonType.object)
    throw new DatabaseError('CannotCreateIndex', 'partialFilterExpression must be an object');
  const filter = parseFilter(value);
  refuseInPartial(filter);
  return { filter, match: compileFilter(filter) };
}

const allowedInPartial = ['eq', 'gt', 'gte', 'lt', 'lte', 'in', 'exists', 'type'];

function refuseInPartial(filter: Filter): void {
  if (filter.kind === 'and') filter.filters.forEach(refuseInPartial);
  else if (
    filter.kind !== 'field' ||
    filter.condition.kind !== 'test' ||
    !allowedInPartial.includes(filter.condition.test.op)
  )
    throw new DatabaseError(
      'CannotCreateIndex',
      'Expression not supported in partial index: only $and, equality, comparisons, $in, $type and $exists: true are',
    );
}

export function parseKey(key: RawValue): IndexField[] {
  const elements = readElements(key.bytes, key.start);
  if (elements.length === 0) throw new DatabaseError('CannotCreateIndex', 'Index keys cannot be empty.');
  if (elements.length > maxIndexFields)
    throw new DatabaseError(
      'CannotCreateIndex',
      `an index has at most ${maxIndexFields} fields on this server`,
    );
  const names = new Set(elements.map(({ name }) => name));
  if (names.size !== elements.length)
    throw new DatabaseError('CannotCreateIndex', 'a field stands twice in the index key');
  return elements.map(({ name, value }) => {
    if (value.type === BsonType.string)
      throw new DatabaseError(
        'CannotCreateIndex',
        `Unknown index plugin '${readString(value)}': only ascending and descending indexes are supported`,
      );
    const direction = isNumeric(value.type) ? toDouble(value)! : NaN;
    if (direction === 0 || Number.isNaN(direction))
      throw new DatabaseError(
        'CannotCreateIndex',
        'Values in v:2 index key pattern must be of type number, not 0',
      );
    if (
      name === '' ||
      name
        .split('.')
        .some((part) => part === '' || (part.startsWith('$') && !['$id', '$ref', '$db'].includes(part)))
    )
      throw new DatabaseError('CannotCreateIndex', `Index key contains an illegal field name: '${name}'`);
    return { path: parsePath(name), descending: direction < 0 };
  });
}

/** What `listIndexes` shows first, and the name by which hints mean it. */
export const idIndexSpec = rawDocument(encodeDocument({ v: 2, key: { _id: 1 }, name: '_id_' }));

/** The field names and directions as one text, to compare two index keys by. */
export function keySignature(fields: readonly IndexField[]): string {
  return fields.map(({ path, descending }) => `${path.text}:${descending ? -1 : 1}`).join(',');
}

/** The index of `_id`, which every collection has. */
export const idIndex: IndexSpec = { ...parseIndexSpec(idIndexSpec), unique: true };
