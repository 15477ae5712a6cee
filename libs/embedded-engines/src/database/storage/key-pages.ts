import type { SQLOutputValue } from 'node:sqlite';
import { keyEnd } from '../bson/key-end.ts';

/** A place in the order of an index: behind all smaller keys, and of equal keys behind smaller rids. */
export interface Place {
  readonly key: Buffer;
  readonly rid: number;
}

/** Keys of an index that follow one another, laid out so that looking through them makes no objects. */
export interface KeyPage {
  readonly bytes: Buffer;
  /** Of each key, where its fields begin and where it ends: one more place than there are fields. */
  readonly places: Uint32Array;
  readonly rids: Float64Array;
  readonly fields: number;
}

/** The keys from number `first` to before `last` of a page lie in the range that was asked for. */
export interface PagePart {
  readonly page: KeyPage;
  readonly first: number;
  readonly last: number;
  /** Where the range goes on, undefined at its end. */
  readonly next: Place | undefined;
}

/** Reads rows of rid and key; `ended` when the range has no more of them. */
export type ReadKeys = (
  from: Place,
  to: Place,
  count: number,
) => { readonly rows: readonly SQLOutputValue[][]; readonly ended: boolean };

/** Counts the keys at or behind `from` and before `to`. */
export type CountKeys = (from: Place, to: Place) => number;

/** Finds the key that so many others precede behind `from`. */
export type FindPlace = (from: Place, before: number) => Place;

/** From here to the next slot. */
interface Slot {
  readonly low: Place;
  page: KeyPage | undefined;
  /** How many keys there are, once they were counted. */
  count: number | undefined;
}

/** What pages may take in memory together; those that were used last stay. */
export class PageMemory {
  readonly #maxBytes: number;
  readonly #slots = new Map<Slot, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  use(slot: Slot, { bytes, places, rids }: KeyPage): void {
    this.#remove(slot);
    const size = bytes.length + places.byteLength + rids.byteLength;
    this.#slots.set(slot, size);
    this.#bytes += size;
    for (const oldest of this.#slots.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.forget(oldest);
    }
  }

  forget(slot: Slot): void {
    slot.page = undefined;
    this.#remove(slot);
  }

  #remove(slot: Slot): void {
    this.#bytes -= this.#slots.get(slot) ?? 0;
    this.#slots.delete(slot);
  }
}

const commonMemory = new PageMemory(64 * 1024 * 1024);
const maxSlots = 8_192;

/**
 * The keys of one index in memory, as far as they were asked for. A change of a key throws away the page in which it
 * lies, which is read again when it is wanted.
 */
export class KeyPages {
  readonly #masks: readonly number[];
  readonly #memory: PageMemory;
  readonly #pageKeys: number;
  #slots: Slot[] = [slotAt({ key: Buffer.alloc(0), rid: -1 })];
  #changes = 0;

  constructor(
    fields: readonly { readonly descending: boolean }[],
    { memory = commonMemory, pageKeys = 512 } = {},
  ) {
    this.#masks = fields.map(({ descending }) => (descending ? 0xff : 0));
    this.#memory = memory;
    this.#pageKeys = pageKeys;
  }

  /** Grows with every change of a key. */
  get changes(): number {
    return this.#changes;
  }

  /** A key was added (1) or removed (-1). */
  changed(key: Buffer, rid: number, by: 1 | -1): void {
    this.#changes += 1;
    const slot = this.#slots[this.#slotOf({ key, rid })]!;
    if (slot.page !== undefined) this.#memory.forget(slot);
    if (slot.count !== undefined) slot.count += by;
  }

  clear(): void {
    this.#changes += 1;
    for (const slot of this.#slots) this.#memory.forget(slot);
    this.#slots = [slotAt(this.#slots[0]!.low)];
  }

  /** The number of keys at or behind `start` and before `end`. Each is counted once: then their number follows the changes. */
  count(start: Buffer, end: Buffer, countKeys: CountKeys): number {
    if (start.compare(end) >= 0) return 0;
    if (this.#slots.length >= maxSlots) this.clear();
    const first = this.#bounded({ key: start, rid: -1 });
    const last = this.#bounded({ key: end, rid: -1 });
    return this.#sum(first.at, last.at, countKeys) - first.before + last.before;
  }

  /** As `count`, undefined when some keys were never counted. */
  counted(start: Buffer, end: Buffer): number | undefined {
    if (start.compare(end) >= 0) return 0;
    const first = this.#known({ key: start, rid: -1 });
    const last = this.#known({ key: end, rid: -1 });
    if (first === undefined || last === undefined) return undefined;
    for (let at = first.at; at < last.at; at += 1) if (this.#slots[at]!.count === undefined) return undefined;
    return this.#sum(first.at, last.at, undefined) - first.before + last.before;
  }

  /** The place behind the first `skip` keys at or behind `start`, of which there must be more. */
  placeBehind(start: Buffer, skip: number, countKeys: CountKeys, findPlace: FindPlace): Place {
    const { at: first, before } = this.#bounded({ key: start, rid: -1 });
    let left = skip + before;
    for (let at = first; ; at += 1) {
      const slot = this.#slots[at]!;
      const count = this.#countOf(at, countKeys);
      if (left >= count && at < this.#slots.length - 1) {
        left -= count;
        continue;
      }
      if (left === 0) return slot.low;
      if (slot.page !== undefined) return placeIn(slot.page, left);
      const place = findPlace(slot.low, left);
      slot.count = left;
      this.#slots.splice(at + 1, 0, { ...slotAt(place), count: count - left });
      return place;
    }
  }

  #sum(first: number, last: number, countKeys: CountKeys | undefined): number {
    let sum = 0;
    for (let at = first; at < last; at += 1) sum += this.#slots[at]!.count ?? this.#countOf(at, countKeys!);
    return sum;
  }

  #countOf(at: number, countKeys: CountKeys): number {
    const slot = this.#slots[at]!;
    slot.count ??= slot.page?.rids.length ?? countKeys(slot.low, this.#slots[at + 1]?.low ?? behindAll);
    return slot.count;
  }

  /** The slot in which a place lies, and how many of its keys are before the place; a slot begins there if need be. */
  #bounded(place: Place): { at: number; before: number } {
    const known = this.#known(place);
    if (known !== undefined) return known;
    const at = this.#slotOf(place);
    this.#slots[at]!.count = undefined;
    this.#slots.splice(at + 1, 0, slotAt(place));
    return { at: at + 1, before: 0 };
  }

  #known(place: Place): { at: number; before: number } | undefined {
    const at = this.#slotOf(place);
    const { low, page } = this.#slots[at]!;
    if (comparePlaces(low, place) === 0) return { at, before: 0 };
    return page && { at, before: numberOf(page, place) };
  }

  /** The first keys at or behind `from` and before `end`; none of them when `first` is `last`. */
  read(from: Place, end: Buffer, readKeys: ReadKeys): PagePart {
    if (this.#slots.length >= maxSlots) this.clear();
    const to = { key: end, rid: -1 };
    if (comparePlaces(from, to) >= 0) {
      return { page: layOut([], this.#masks), first: 0, last: 0, next: undefined };
    }
    let at = this.#slotOf(from);
    let slot = this.#slots[at]!;
    if (slot.page === undefined && comparePlaces(slot.low, from) < 0) {
      slot.count = undefined;
      slot = slotAt(from);
      at += 1;
      this.#slots.splice(at, 0, slot);
    }
    slot.page ??= this.#load(at, to, readKeys);
    const { page } = slot;
    this.#memory.use(slot, page);
    const following = this.#slots[at + 1]?.low;
    const goesOn = following !== undefined && comparePlaces(following, to) < 0;
    return {
      page,
      first: slot.low === from ? 0 : numberOf(page, from),
      last: goesOn ? page.rids.length : numberOf(page, to),
      next: goesOn ? following : undefined,
    };
  }

  /** Reads the keys of a slot, but no more than one page and none behind `to`; what is left becomes the next slot. */
  #load(at: number, to: Place, readKeys: ReadKeys): KeyPage {
    const slot = this.#slots[at]!;
    const { low, count } = slot;
    const following = this.#slots[at + 1]?.low;
    const isInside = following === undefined || comparePlaces(to, following) < 0;
    const { rows, ended } = readKeys(low, isInside ? to : following, this.#pageKeys);
    const last = rows.at(-1);
    const left = count === undefined ? undefined : count - rows.length;
    slot.count = rows.length;
    if (!ended && last !== undefined) {
      const rest = { key: keyOf(last), rid: (last[0] as number) + 1 };
      this.#slots.splice(at + 1, 0, { ...slotAt(rest), count: left });
    } else if (isInside) this.#slots.splice(at + 1, 0, { ...slotAt(to), count: left });
    return layOut(rows, this.#masks);
  }

  /** The number of the slot in which a place lies. */
  #slotOf(place: Place): number {
    let low = 0;
    let high = this.#slots.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (comparePlaces(this.#slots[middle]!.low, place) <= 0) low = middle;
      else high = middle;
    }
    return low;
  }
}

const slotAt = (low: Place): Slot => ({ low, page: undefined, count: undefined });

/** No key begins with such a byte. */
const behindAll: Place = { key: Buffer.from([0xff, 0xff]), rid: -1 };

function placeIn({ bytes, places, rids, fields }: KeyPage, key: number): Place {
  const at = key * (fields + 1);
  return {
    key: Buffer.copyBytesFrom(bytes, places[at]!, places[at + fields]! - places[at]!),
    rid: rids[key]!,
  };
}

function comparePlaces(a: Place, b: Place): number {
  return a.key.compare(b.key) || a.rid - b.rid;
}

function keyOf(row: readonly SQLOutputValue[]): Buffer {
  const bytes = row[1] as Uint8Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function layOut(rows: readonly SQLOutputValue[][], masks: readonly number[]): KeyPage {
  const fields = masks.length;
  const bytes = Buffer.concat(rows.map(keyOf));
  const places = new Uint32Array(rows.length * (fields + 1));
  const rids = new Float64Array(rows.length);
  let at = 0;
  let place = 0;
  for (const [i, row] of rows.entries()) {
    rids[i] = row[0] as number;
    for (const mask of masks) {
      places[place++] = at;
      at = keyEnd(bytes, at, mask);
    }
    places[place++] = at;
  }
  return { bytes, places, rids, fields };
}

/** The number of the first key at or behind a place. */
function numberOf({ bytes, places, rids, fields }: KeyPage, { key, rid }: Place): number {
  let low = 0;
  let high = rids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = places[middle * (fields + 1)]!;
    const end = places[middle * (fields + 1) + fields]!;
    const order = bytes.compare(key, 0, key.length, start, end) || rids[middle]! - rid;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
