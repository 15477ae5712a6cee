import type { KeyPage, Place } from '../storage/key-pages.ts';
import type { KeySortField, KeyTest } from './key-tests.ts';
import type { IndexPlan } from './planner.ts';
import { RidSet } from './rid-set.ts';
import { pause, type Scan } from './scan.ts';
import { Sorter } from './sort.ts';

/** Keys of a page, by their numbers. */
export interface FoundKeys {
  readonly page: KeyPage;
  readonly keys: readonly number[];
}

/** Each document that the keys of a plan tell, once, in the order of the keys. */
export function* ridsOf(plan: IndexPlan): Scan<number> {
  for (const found of documentsOnce(plan)) {
    if (found === pause) yield pause;
    else for (const key of found.keys) yield found.page.rids[key]!;
  }
}

/** As `ridsOf`, in the order of the query. */
export function* inKeyOrder(plan: IndexPlan, sort: readonly KeySortField[], limit: number): Scan<number> {
  const sorter = new Sorter<number>(limit);
  for (const found of documentsOnce(plan)) {
    if (found === pause) yield pause;
    else
      for (const key of found.keys) {
        const sortedBy = keySortKey(found.page, key, sort);
        sorter.add(sortedBy, found.page.rids[key]!, sortedBy.length);
      }
  }
  yield* sorter.finish();
}

/** The keys in a plan's ranges that pass its tests, without those of documents that came before. */
export function* documentsOnce(plan: IndexPlan): Scan<FoundKeys> {
  if (!plan.repeats) return yield* scanKeys(plan);
  const seen = new RidSet();
  for (const found of scanKeys(plan)) {
    if (found === pause) {
      yield pause;
      continue;
    }
    const { page, keys } = found;
    yield { page, keys: keys.filter((key) => seen.add(page.rids[key]!)) };
  }
}

/** The keys in a plan's ranges that pass its tests, in the order of the index. */
function* scanKeys({ index, streams, keyTests }: IndexPlan): Scan<FoundKeys> {
  const tests = keyTests.map((test) => new CountedTest(test));
  for (const { start, end } of streams.flatMap(({ ranges }) => ranges)) {
    for (let place: Place | undefined = { key: start, rid: -1 }; place !== undefined;) {
      const { page, first, last, next } = index.page(place, end);
      yield { page, keys: passing(page, first, last, tests) };
      place = next;
      if (place !== undefined) yield pause;
    }
  }
}

/** Counts what passes, so that the test that most keys fail can come first. */
class CountedTest {
  readonly #test: KeyTest;
  #asked = 0;
  #passed = 0;

  constructor(test: KeyTest) {
    this.#test = test;
  }

  passing(page: KeyPage, keys: readonly number[]): number[] {
    const passing = this.#test(page, keys);
    this.#asked += keys.length;
    this.#passed += passing.length;
    return passing;
  }

  get share(): number {
    return this.#asked === 0 ? 0 : this.#passed / this.#asked;
  }
}

function passing(page: KeyPage, first: number, last: number, tests: CountedTest[]): number[] {
  tests.sort((a, b) => a.share - b.share);
  let keys: number[] = [];
  for (let key = first; key < last; key += 1) keys.push(key);
  for (const test of tests) keys = test.passing(page, keys);
  return keys;
}

/** As `sortKey` makes it of the document. */
export function keySortKey(
  { bytes, places, fields }: KeyPage,
  key: number,
  sort: readonly KeySortField[],
): Buffer {
  let length = 0;
  for (const { field } of sort) {
    const at = key * (fields + 1) + field;
    length += places[at + 1]! - places[at]!;
  }
  const made = Buffer.allocUnsafe(length);
  let to = 0;
  for (const { field, inverted } of sort) {
    const at = key * (fields + 1) + field;
    for (let from = places[at]!; from < places[at + 1]!; from += 1)
      made[to++] = inverted ? bytes[from]! ^ 0xff : bytes[from]!;
  }
  return made;
}
