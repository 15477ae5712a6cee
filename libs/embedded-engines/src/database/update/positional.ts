import { forEachValue, readValues } from '../bson/reader.ts';
import { BsonType, type RawValue } from '../bson/types.ts';
import { DatabaseError } from '../errors.ts';
import type { Filter } from '../query/filter.ts';
import { compileFilter } from '../query/match.ts';
import { asBranch, asValue, type Branch } from './tree.ts';
import { arrayIndex, getAt } from './place.ts';

/** The filters of `arrayFilters` by the identifier with which they begin, each on a document `{identifier: element}`. */
export type ArrayFilters = ReadonlyMap<string, (element: RawValue) => boolean>;

export interface PositionContext {
  readonly arrayFilters: ArrayFilters;
  readonly filter: Filter;
  /** The document as the query found it; undefined in an upsert. */
  readonly found: RawValue | undefined;
}

/** The concrete paths that a path with `$`, `$[]` or `$[identifier]` means in a document. */
export function concretePaths(
  root: Branch,
  parts: readonly string[],
  context: PositionContext,
): (readonly string[])[] {
  const at = parts.findIndex((part) => part === '$' || part.startsWith('$['));
  if (at < 0) return [parts];
  const before = parts.slice(0, at);
  const rest = parts.slice(at + 1);
  return places(root, before, parts[at]!, context).flatMap((index) =>
    concretePaths(root, [...before, String(index), ...rest], context),
  );
}

function places(root: Branch, before: readonly string[], part: string, context: PositionContext): number[] {
  if (part === '$') return [matchedPlace(before, context)];
  const slot = getAt(root, before);
  const path = before.join('.');
  if (slot === undefined)
    throw new DatabaseError(
      'BadValue',
      `The path '${path}' must exist in the document in order to apply array updates.`,
    );
  const array = asBranch(slot);
  if (array === undefined || !array.isArray)
    throw new DatabaseError('BadValue', `Cannot apply array updates to non-array element ${path}`);
  const identifier = part.slice(2, -1);
  const wanted = identifier === '' ? () => true : context.arrayFilters.get(identifier);
  if (wanted === undefined)
    throw new DatabaseError(
      'BadValue',
      `No array filter found for identifier '${identifier}' in path '${[...before, part].join('.')}'`,
    );
  return array.entries.flatMap(({ value }, index) => (wanted(asValue(value)) ? [index] : []));
}

/** The first element by which the array met the query, for the place that `$` means. */
function matchedPlace(before: readonly string[], { filter, found }: PositionContext): number {
  const path = before.join('.');
  const index = found === undefined ? undefined : findPlace(found, before, path, filter);
  if (index === undefined)
    throw new DatabaseError(
      'BadValue',
      'The positional operator did not find the match needed from the query.',
    );
  return index;
}

function findPlace(
  document: RawValue,
  before: readonly string[],
  path: string,
  filter: Filter,
): number | undefined {
  if (filter.kind === 'nor') return undefined;
  if (filter.kind !== 'field') {
    for (const one of filter.filters) {
      const index = findPlace(document, before, path, one);
      if (index !== undefined) return index;
    }
    return undefined;
  }
  if (filter.path.text !== path && !filter.path.text.startsWith(`${path}.`)) return undefined;
  const slot = getAt(asBranch(document)!, before);
  const array = slot && asValue(slot);
  if (array?.type !== BsonType.array) return undefined;
  const below = filter.path.text.slice(path.length + 1).split('.')[0]!;
  const named = below === '' ? undefined : arrayIndex(below);
  if (named !== undefined) return named;
  const matches = compileFilter(filter);
  let place = -1;
  let index = 0;
  forEachValue(array.bytes, array.start, (element) => {
    if (matches(withOnly(before, element))) place = index;
    index += 1;
    return place >= 0;
  });
  return place < 0 ? undefined : place;
}

/** The document `{path: [element]}`, on which a condition on the array speaks about that element alone. */
function withOnly(before: readonly string[], element: RawValue): RawValue {
  let slot: Branch = { isArray: true, entries: [{ name: '0', value: element }] };
  for (const name of before.toReversed()) slot = { isArray: false, entries: [{ name, value: slot }] };
  return asValue(slot);
}

/** Reads `arrayFilters`: each is a query whose paths begin with one identifier. */
export function parseArrayFilters(
  value: RawValue | undefined,
  parse: (filter: RawValue) => Filter,
): ArrayFilters {
  const filters = new Map<string, (element: RawValue) => boolean>();
  if (value === undefined) return filters;
  if (value.type !== BsonType.array) throw new DatabaseError('TypeMismatch', 'arrayFilters must be an array');
  for (const one of readValues(value)) {
    if (one.type !== BsonType.object)
      throw new DatabaseError('TypeMismatch', 'arrayFilters must hold documents');
    const filter = parse(one);
    const identifiers = new Set(identifiersOf(filter));
    const [identifier] = identifiers;
    if (identifier === undefined)
      throw new DatabaseError(
        'FailedToParse',
        'Cannot use an expression without a top-level field name in arrayFilters',
      );
    if (identifiers.size > 1)
      throw new DatabaseError(
        'FailedToParse',
        `Error parsing array filter: Expected a single top-level field name, found '${[...identifiers].join("' and '")}'`,
      );
    if (!/^[a-z][a-zA-Z0-9]*$/.test(identifier))
      throw new DatabaseError(
        'BadValue',
        `Error parsing array filter: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${identifier}'`,
      );
    if (filters.has(identifier))
      throw new DatabaseError(
        'FailedToParse',
        `Found multiple array filters with the same top-level field name ${identifier}`,
      );
    const match = compileFilter(filter);
    filters.set(identifier, (element) =>
      match(asValue({ isArray: false, entries: [{ name: identifier, value: element }] })),
    );
  }
  return filters;
}

function identifiersOf(filter: Filter): string[] {
  return filter.kind === 'field' ? [filter.path.parts[0]!.name] : filter.filters.flatMap(identifiersOf);
}
