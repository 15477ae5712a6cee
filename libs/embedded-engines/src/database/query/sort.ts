import { compareValues } from '../bson/compare.ts';
import { KeyWriter } from '../bson/key.ts';
import { toDouble } from '../bson/numbers.ts';
import { forEachValue, readElements } from '../bson/reader.ts';
import { BsonType, isNumeric, type RawValue } from '../bson/types.ts';
import { DatabaseError } from '../errors.ts';
import { type Path, parsePath, someAtPath } from './path.ts';

export interface SortField {
  readonly path: Path;
  readonly descending: boolean;
}

const maxSortBytes = 104_857_600;

/** Reads a sort document; undefined when it asks for no order. */
export function parseSort(value: RawValue | undefined): SortField[] | undefined {
  if (value === undefined) return undefined;
  if (value.type !== BsonType.object) throw new DatabaseError('TypeMismatch', 'the sort must be an object');
  const fields = readElements(value.bytes, value.start).map(({ name, value: direction }) => {
    if (direction.type === BsonType.object)
      throw new DatabaseError(
        'Location17312',
        '$meta is the only expression supported by $sort right now, and this server does not support it',
      );
    const sign = isNumeric(direction.type) ? toDouble(direction) : undefined;
    if (sign !== 1 && sign !== -1)
      throw new DatabaseError(
        sign === undefined ? 'Location15974' : 'Location15975',
        `$sort key ordering must be 1 (for ascending) or -1 (for descending), at '${name}'`,
      );
    if (name === '' || name.split('.').includes(''))
      throw new DatabaseError('Location15998', 'FieldPath field names may not be empty strings.');
    if (name.startsWith('$') && name !== '$natural')
      throw new DatabaseError('Location16410', `FieldPath field names may not start with '$': ${name}`);
    return { path: parsePath(name), descending: sign < 0 };
  });
  return fields.length === 0 ? undefined : fields;
}

const writer = new KeyWriter();

/** A key by whose bytes documents are in the wanted order; of an array counts the least or greatest element. */
export function sortKey(fields: readonly SortField[], document: RawValue): Buffer {
  writer.clear();
  for (const { path, descending } of fields) {
    const found = extreme(document, path, descending);
    if (found === 'empty') writer.emptyArray(descending);
    else writer.value(found, descending);
  }
  return writer.finish();
}

function extreme(document: RawValue, path: Path, greatest: boolean): RawValue | undefined | 'empty' {
  let found: RawValue | undefined;
  let empty = false;
  let seen = false;
  const consider = (value: RawValue | undefined): void => {
    const order = seen ? compareValues(value, found) : 0;
    if (!seen || (greatest ? order > 0 : order < 0)) found = value;
    seen = true;
  };
  someAtPath(document, path, false, (value) => {
    if (value?.type !== BsonType.array) consider(value);
    else if (
      !forEachValue(value.bytes, value.start, (item) => (consider(item), false)) &&
      value.end - value.start === 5
    )
      empty = true;
    return false;
  });
  if (empty && (!greatest || !seen)) return 'empty';
  return found;
}

interface Sorted<T> {
  readonly key: Buffer;
  readonly order: number;
  readonly item: T;
  readonly size: number;
}

/** Sorts what is given to it in memory and keeps no more than `limit` of it; equals stay in the order they came. */
export class Sorter<T> {
  readonly #limit: number;
  #kept: Sorted<T>[] = [];
  #bytes = 0;
  #given = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(key: Buffer, item: T, size: number): void {
    this.#kept.push({ key, order: this.#given++, item, size });
    this.#bytes += size + key.length;
    const full = this.#kept.length >= Math.max(2 * this.#limit, 1_000);
    if (full || this.#bytes > maxSortBytes) this.#trim();
    if (this.#bytes > maxSortBytes)
      throw new DatabaseError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Sort exceeded memory limit of ${maxSortBytes} bytes, but did not opt in to external sorting.`,
      );
  }

  #trim(): void {
    this.#kept.sort((a, b) => a.key.compare(b.key) || a.order - b.order);
    if (this.#kept.length <= this.#limit) return;
    this.#kept.length = this.#limit;
    this.#bytes = this.#kept.reduce((sum, { size, key }) => sum + size + key.length, 0);
  }

  finish(): T[] {
    this.#trim();
    return this.#kept.map(({ item }) => item);
  }
}
