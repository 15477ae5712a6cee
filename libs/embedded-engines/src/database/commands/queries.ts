import { readElements, readString } from '../bson/reader.ts';
import { BsonType, type RawValue } from '../bson/types.ts';
import { DatabaseError } from '../errors.ts';
import { parseFilter } from '../query/filter.ts';
import { compileFilter } from '../query/match.ts';
import type { Query } from '../query/scan.ts';
import { parseSort } from '../query/sort.ts';
import type { Collection } from '../storage/collection.ts';
import { idIndex, keySignature, parseKey } from '../storage/index-spec.ts';
import type { Arguments } from './arguments.ts';

/** The query in a command's members, of which one is the filter. */
export function readQuery(args: Arguments, collection: Collection | undefined, filterName: string): Query {
  const filter = parseFilter(args.documentOrEmpty(filterName));
  const hint = args.get('hint');
  return {
    filter,
    match: compileFilter(filter),
    sort: parseSort(args.get('sort')),
    skip: 0,
    limit: 0,
    hint: hint === undefined ? undefined : resolveHint(collection, hint),
  };
}

/** The name of the index that a hint means by its name or its key; `$natural` stands for a scan. */
export function resolveHint(collection: Collection | undefined, hint: RawValue): string | undefined {
  const specs = [idIndex, ...(collection?.indexes.map(({ spec }) => spec) ?? [])];
  if (hint.type === BsonType.string) {
    const name = readString(hint);
    if (specs.some((spec) => spec.name === name) || collection === undefined) return name;
  } else if (hint.type === BsonType.object) {
    const [first] = readElements(hint.bytes, hint.start);
    if (first === undefined) return undefined;
    if (first.name === '$natural') return '$natural';
    const signature = keySignature(parseKey(hint));
    const found = specs.find((spec) => keySignature(spec.fields) === signature);
    if (found !== undefined || collection === undefined) return found?.name;
  } else throw new DatabaseError('FailedToParse', 'Hint must be a string or an object');
  throw new DatabaseError(
    'BadValue',
    'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
  );
}
