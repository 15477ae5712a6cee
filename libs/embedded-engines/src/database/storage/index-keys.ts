import { KeyWriter } from '../bson/key.ts';
import { elementAt, findElement, readValues } from '../bson/reader.ts';
import { BsonType, type RawValue } from '../bson/types.ts';
import { DatabaseError } from '../errors.ts';
import type { Path } from '../query/path.ts';

export interface IndexField {
  readonly path: Path;
  readonly descending: boolean;
}

export const maxIndexFields = 15;
/** The bit of `multikey` that says that keys do not tell what one document in an array holds. */
export const arraysElsewhere = 1 << 30;

export interface IndexEntry {
  readonly key: Buffer;
  /** The values that made the key, one for each field. */
  readonly values: readonly (RawValue | undefined)[];
}

export interface IndexEntries {
  readonly entries: readonly IndexEntry[];
  /**
   * For each field i, bit i says that an array lies on its path, bit `maxIndexFields + i` that several do;
   * `arraysElsewhere` that a field of several parts has a value that does not lie in a document in one array of documents.
   */
  readonly multikey: number;
  /** Whether the document has any of the fields: a sparse index leaves out those without. */
  readonly present: boolean;
}

/** How far one field's path has been followed. */
interface Walk {
  readonly value: RawValue | undefined;
  readonly depth: number;
  /** The value came out of the array at the path's end: an array in it is a value like others. */
  readonly final: boolean;
  readonly emptyArray: boolean;
}

const writer = new KeyWriter();

/**
 * The keys of a document in an index: one, or one for each element when an array lies on a path.
 * Fields that go through the same array go through it together.
 */
export function indexEntries(fields: readonly IndexField[], document: RawValue): IndexEntries {
  const found = new Map<string, IndexEntry>();
  let multikey = 0;
  let present = false;
  const expand = (walks: readonly Walk[], crossed: number): void => {
    const steps = walks.map((walk, i) => follow(fields[i]!.path, walk));
    const arrays = steps.map((step, i) => (isOpenArray(step) ? i : -1)).filter((i) => i >= 0);
    const [first, ...others] = arrays;
    if (first === undefined) {
      present ||= steps.some((step) => step.value !== undefined || step.emptyArray);
      if (steps.some((step, i) => isElsewhere(fields[i]!.path, step, crossed & (1 << i))))
        multikey |= arraysElsewhere;
      const entry = makeEntry(fields, steps);
      // Without an array there is no other to be told from.
      found.set(crossed === 0 ? '' : entry.key.toString('latin1'), entry);
      return;
    }
    const array = steps[first]!.value!;
    for (const other of others)
      if (steps[other]!.value!.start !== array.start) throw parallelArrays(fields[other]!, fields[first]!);
    let now = crossed;
    for (const i of arrays) {
      if (crossed & (1 << i)) multikey |= 1 << (maxIndexFields + i);
      if (steps[i]!.depth !== fields[i]!.path.parts.length - 1) multikey |= elsewhere(fields[i]!.path);
      now |= 1 << i;
    }
    multikey |= now;
    const items: (RawValue | undefined)[] = readValues(array);
    if (items.length === 0) items.push(undefined);
    for (const item of items)
      expand(
        steps.map((step, i) => (arrays.includes(i) ? intoArray(fields[i]!.path, step, item) : step)),
        now,
      );
  };
  expand(
    fields.map(() => ({ value: document, depth: 0, final: false, emptyArray: false })),
    0,
  );
  return { entries: [...found.values()], multikey, present };
}

function follow(path: Path, walk: Walk): Walk {
  let { value, depth } = walk;
  if (walk.final) return walk;
  while (depth < path.parts.length && value !== undefined) {
    const part = path.parts[depth]!;
    if (value.type === BsonType.object) value = findElement(value.bytes, value.start, part.bytes);
    else if (value.type === BsonType.array) {
      if (part.index < 0) break;
      value = elementAt(value.bytes, value.start, part.index);
    } else value = undefined;
    depth += 1;
  }
  return { value, depth, final: false, emptyArray: false };
}

function elsewhere(path: Path): number {
  return path.parts.length > 1 ? arraysElsewhere : 0;
}

/** A value that was reached without going through an array. */
function isElsewhere(path: Path, walk: Walk, crossed: number): boolean {
  return path.parts.length > 1 && walk.value !== undefined && crossed === 0;
}

function isOpenArray(walk: Walk): boolean {
  return !walk.final && walk.value?.type === BsonType.array;
}

function intoArray(path: Path, walk: Walk, item: RawValue | undefined): Walk {
  const { depth } = walk;
  if (depth === path.parts.length) return { value: item, depth, final: true, emptyArray: item === undefined };
  const goesOn = item?.type === BsonType.object;
  return { value: goesOn ? item : undefined, depth, final: !goesOn, emptyArray: false };
}

function makeEntry(fields: readonly IndexField[], walks: readonly Walk[]): IndexEntry {
  writer.clear();
  const values = walks.map(({ value, emptyArray }, i) => {
    const { descending } = fields[i]!;
    if (emptyArray) writer.emptyArray(descending);
    else writer.value(value, descending);
    return value;
  });
  return { key: writer.finish(), values };
}

function parallelArrays(a: IndexField, b: IndexField): DatabaseError {
  const [x, y] = [a, b].map(({ path }) => path.parts.at(-1)!.name);
  return new DatabaseError('CannotIndexParallelArrays', `cannot index parallel arrays [${x}] [${y}]`);
}
