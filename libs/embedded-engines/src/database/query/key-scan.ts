import type { KeyPage, Place } from '../storage/key-pages.ts';
import type { KeySortField, KeyTest, PageTest } from './key-tests.ts';
import type { IndexPlan } from './planner.ts';
import { pause, type Scan } from './scan.ts';

/** Keys of a page, by their numbers. */
export interface FoundKeys {
  readonly page: KeyPage;
  readonly keys: readonly number[];
}

/** The keys in a plan's ranges that pass its tests, in the order of the index. */
export function* scanKeys({ index, streams, keyTests }: IndexPlan): Scan<FoundKeys> {
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
  #page: PageTest | undefined;
  asked = 0;
  passed = 0;

  constructor(test: KeyTest) {
    this.#test = test;
  }

  begin(page: KeyPage): void {
    this.#page = this.#test(page);
  }

  passes(key: number): boolean {
    this.asked += 1;
    if (!this.#page!(key)) return false;
    this.passed += 1;
    return true;
  }

  get share(): number {
    return this.asked === 0 ? 0 : this.passed / this.asked;
  }
}

function passing(page: KeyPage, first: number, last: number, tests: CountedTest[]): number[] {
  tests.sort((a, b) => a.share - b.share);
  for (const test of tests) test.begin(page);
  const keys: number[] = [];
  for (let key = first; key < last; key += 1) {
    if (passesAll(tests, key)) keys.push(key);
  }
  return keys;
}

function passesAll(tests: readonly CountedTest[], key: number): boolean {
  for (const test of tests) if (!test.passes(key)) return false;
  return true;
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
