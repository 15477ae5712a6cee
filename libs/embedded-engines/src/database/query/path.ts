import { elementAt, findElement, forEachValue } from '../bson/reader.ts';
import { BsonType, type RawValue } from '../bson/types.ts';

export interface PathPart {
  readonly name: string;
  /** The name as it stands in a document. */
  readonly bytes: Buffer;
  /** The place in an array that the name may mean, -1 when it is none. */
  readonly index: number;
}

/** A dotted path. */
export interface Path {
  readonly text: string;
  readonly parts: readonly PathPart[];
}

const cache = new Map<string, Path>();
const cacheLimit = 2_000;

export function parsePath(text: string): Path {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const parts = text.split('.').map((name) => ({
    name,
    bytes: Buffer.from(name),
    index: /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : -1,
  }));
  const path = { text, parts };
  if (cache.size >= cacheLimit) cache.clear();
  cache.set(text, path);
  return path;
}

export type ValueTest = (value: RawValue | undefined) => boolean;

/**
 * Tries `test` on everything that a query means by the path: through documents, through the documents in arrays,
 * and (with `expand`) on each element of an array at its end before the array itself. A value that is not there
 * is undefined; of an array on the way only its documents count.
 * @returns whether a test succeeded
 */
export function someAtPath(document: RawValue, path: Path, expand: boolean, test: ValueTest): boolean {
  return inDocument(document, path.parts, 0, expand, test);
}

function inDocument(
  document: RawValue,
  parts: readonly PathPart[],
  depth: number,
  expand: boolean,
  test: ValueTest,
): boolean {
  const value = findElement(document.bytes, document.start, parts[depth]!.bytes);
  return atValue(value, parts, depth + 1, expand, test);
}

function atValue(
  value: RawValue | undefined,
  parts: readonly PathPart[],
  depth: number,
  expand: boolean,
  test: ValueTest,
): boolean {
  if (depth === parts.length) {
    if (expand && value?.type === BsonType.array && forEachValue(value.bytes, value.start, test)) return true;
    return test(value);
  }
  if (value?.type === BsonType.object) return inDocument(value, parts, depth, expand, test);
  if (value?.type !== BsonType.array) return test(undefined);
  const { index } = parts[depth]!;
  if (index >= 0) {
    const item = elementAt(value.bytes, value.start, index);
    if (item !== undefined && atArrayPlace(item, parts, depth + 1, expand, test)) return true;
  }
  return forEachValue(
    value.bytes,
    value.start,
    (item) => item.type === BsonType.object && inDocument(item, parts, depth, expand, test),
  );
}

/** Below a place of an array only documents and arrays go on; anything else is no match rather than a missing one. */
function atArrayPlace(
  item: RawValue,
  parts: readonly PathPart[],
  depth: number,
  expand: boolean,
  test: ValueTest,
): boolean {
  const goesOn = depth === parts.length || item.type === BsonType.object || item.type === BsonType.array;
  return goesOn && atValue(item, parts, depth, expand, test);
}
