import { BSON } from 'mongodb';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanReport } from '../commands/context.ts';
import { DatabaseError } from '../errors.ts';
import { rawDocument } from '../bson/reader.ts';
import type { Collection } from '../storage/collection.ts';
import { parseIndexSpec } from '../storage/index-spec.ts';
import { Store } from '../storage/store.ts';
import { bsonScalar, serialize } from '../testing/arbitrary.ts';
import { countQuery, runQuery } from './execute.ts';
import { parseFilter } from './filter.ts';
import { compileFilter } from './match.ts';
import { type Plan, planQuery } from './planner.ts';
import { pause, type Query } from './scan.ts';
import { parseSort, sortKey } from './sort.ts';

const digit = fc.integer({ min: 0, max: 3 });
const few = fc.oneof(
  { weight: 30, arbitrary: digit },
  { weight: 2, arbitrary: fc.constantFrom<unknown>('a', 'ab', 'b', null, true, NaN, 1.5) },
  { weight: 1, arbitrary: bsonScalar },
);
const field = fc.constantFrom('a', 'b', 'c');
const element = fc.record({ x: few, y: few }, { requiredKeys: [] });
const value = fc.oneof(
  { weight: 3, arbitrary: few },
  { weight: 2, arbitrary: fc.array(digit, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(few, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.array(few, { maxLength: 2 }), { maxLength: 2 }) },
);
const document = fc.record(
  {
    a: value,
    b: value,
    c: few,
    e: fc.oneof(
      fc.array(fc.record({ x: digit, y: digit }), { maxLength: 3 }),
      fc.array(fc.record({ x: fc.array(digit, { maxLength: 3 }), y: digit }), { maxLength: 2 }),
      fc.array(element, { maxLength: 3 }),
      element,
      few,
      fc.array(fc.record({ x: fc.array(few, { maxLength: 2 }), y: few }), { maxLength: 2 }),
    ),
  },
  { requiredKeys: [] },
);

const scalarDocument = fc.record(
  { a: few, b: few, c: few, e: fc.record({ x: few, y: few }, { requiredKeys: [] }) },
  { requiredKeys: [] },
);
const text = fc.constantFrom('a', 'ab', 'ba', 'b<', '<', 'cab', '\u0001', '\u0002b', '');
/** As read models are: one array of documents, and a text. */
const regularDocument = fc.record(
  { a: digit, b: few, c: text, e: fc.array(fc.record({ x: digit, y: digit }), { maxLength: 3 }) },
  { requiredKeys: ['c'] },
);
const documentList = fc.oneof(
  fc.array(regularDocument, { minLength: 6, maxLength: 14 }),
  fc.array(document, { minLength: 6, maxLength: 14 }),
  fc.array(scalarDocument, { minLength: 6, maxLength: 14 }),
);

/** Regular expressions may not be compared with. */
const operand = few.filter((one) => !(one instanceof BSON.BSONRegExp));
const comparison = fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte', '$ne');
const range = fc.tuple(digit, digit).map(([low, high]) => ({ $gte: low, $lt: high }));
const operators = fc.oneof(
  few,
  range,
  fc.tuple(comparison, digit).map(([operator, operand]) => ({ [operator]: operand })),
  fc.tuple(comparison, operand).map(([operator, operand]) => ({ [operator]: operand })),
  fc.tuple(operand, operand).map(([low, high]) => ({ $gte: low, $lt: high })),
  fc.array(few, { maxLength: 4 }).map((operands) => ({ $in: operands })),
  fc
    .constantFrom('^a', '^ab', 'b', '<', '', '^', '\u0002', 'a.*b', '^(a|b)')
    .map((pattern) => ({ $regex: pattern })),
  fc.boolean().map((exists) => ({ $exists: exists })),
  fc.tuple(operand, operand).map(([low, high]) => ({ $elemMatch: { $gte: low, $lte: high } })),
  operand.map((operand) => ({ $not: { $gt: operand } })),
);
const inElement = fc
  .record({ x: operators, y: operators }, { requiredKeys: [] })
  .map((conditions) => ({ $elemMatch: conditions }));
const clause = fc.oneof(
  fc.tuple(field, operators).map(([name, condition]) => ({ [name]: condition })),
  fc.tuple(fc.constantFrom('e.x', 'e.y'), operators).map(([name, condition]) => ({ [name]: condition })),
  inElement.map((condition) => ({ e: condition })),
);
const readable = fc
  .tuple(digit, digit, fc.constantFrom('a', 'b', '<', 'ab'))
  .map(([x, y, pattern]) => ({ e: { $elemMatch: { x, y: { $gt: y } } }, c: { $regex: pattern } }));
const filter = fc.oneof(
  { weight: 2, arbitrary: readable },
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 4, arbitrary: clause },
  { weight: 6, arbitrary: fc.array(clause, { minLength: 2, maxLength: 3 }).map(($and) => ({ $and })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(clause, { minLength: 1, maxLength: 3 }), clause)
      .map(([$or, more]) => ({ $and: [{ $or }, more] })),
  },
  { weight: 1, arbitrary: fc.array(clause, { minLength: 1, maxLength: 3 }).map(($or) => ({ $or })) },
);

const direction = fc.constantFrom(1, -1);
const key = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'e.x', 'e.y', '_id'), direction), {
    minLength: 1,
    maxLength: 4,
    selector: ([name]) => name,
  })
  .map((fields) => Object.fromEntries(fields));
const index = fc
  .tuple(
    key,
    fc.constantFrom(
      {},
      {},
      { sparse: true },
      { partialFilterExpression: { a: { $gt: 0 } } },
      { partialFilterExpression: { c: { $exists: true } } },
    ),
  )
  .map(([fields, options]) => ({ key: fields, ...options }));

describe('a query', () => {
  let directory: string;
  let store: Store;
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'index-results-'));
    store = new Store(directory);
    store.begin();
  });
  afterAll(async () => {
    store.rollback();
    await store.close();
    rmSync(directory, { recursive: true });
  });

  function fill(documents: readonly object[]): Collection {
    const old = store.find('d', 'c');
    if (old) store.drop(old);
    const collection = store.create('d', 'c');
    for (const [i, one] of documents.entries()) {
      try {
        collection.insert(rawDocument(serialize({ _id: i, ...one })));
      } catch (error) {
        expect(error).toBeInstanceOf(DatabaseError);
      }
    }
    return collection;
  }

  /** An index that some document forbids (two arrays side by side) is left out. */
  function addIndexes(collection: Collection, specs: readonly object[]): void {
    for (const [i, spec] of specs.entries()) {
      try {
        store.createIndex(collection, parseIndexSpec(rawDocument(serialize({ ...spec, name: `i${i}` }))));
      } catch (error) {
        expect((error as DatabaseError).codeName).toBe('CannotIndexParallelArrays');
      }
    }
  }

  function run(
    collection: Collection,
    query: Query,
  ): { rids: number[]; keys: string[]; report: PlanReport | undefined } {
    let report: PlanReport | undefined;
    const rids: number[] = [];
    const keys: string[] = [];
    for (const found of runQuery({ onPlan: (one) => (report = one) }, collection, query)) {
      if (found === pause) continue;
      rids.push(found.rid);
      if (query.sort) keys.push(sortKey(query.sort, found.document).toString('latin1'));
    }
    return { rids, keys, report };
  }

  function count(collection: Collection, query: Query): number {
    let n = 0;
    for (const found of countQuery({ onPlan: undefined }, collection, query)) if (found !== pause) n += found;
    return n;
  }

  function toQuery(wanted: object, sort: object | undefined, skip: number, limit: number): Query {
    const parsed = parseFilter(rawDocument(serialize(wanted)));
    return {
      filter: parsed,
      match: compileFilter(parsed),
      sort: sort && parseSort(rawDocument(serialize(sort))),
      skip,
      limit,
      hint: undefined,
    };
  }

  it('finds through indexes what it finds by looking at every document', () => {
    const plans = new Set<string>();
    const ways = new Set<string>();
    fc.assert(
      fc.property(
        documentList,
        fc.array(index, { minLength: 3, maxLength: 5 }),
        fc.array(
          fc.record({ filter, sort: fc.option(key, { nil: undefined }), skip: fc.nat(3), limit: fc.nat(5) }),
          { minLength: 25, maxLength: 40 },
        ),
        fc.boolean(),
        (documents, specs, queries, indexFirst) => {
          const collection = fill(indexFirst ? [] : documents);
          addIndexes(collection, specs);
          if (indexFirst)
            for (const [i, one] of documents.entries()) {
              try {
                collection.insert(rawDocument(serialize({ _id: i, ...one })));
              } catch (error) {
                expect((error as DatabaseError).codeName).toBe('CannotIndexParallelArrays');
              }
            }
          for (const one of queries) {
            const whole = toQuery(one.filter, one.sort, 0, 0);
            const served = run(collection, whole);
            const scanned = run(collection, { ...whole, hint: '$natural' });
            expect(served.rids.toSorted()).toEqual(scanned.rids.toSorted());
            expect(served.keys).toEqual(scanned.keys);
            ways.add(wayOf(planQuery(collection, whole)));
            ways.add(wayOf(planQuery(collection, { ...whole, sort: undefined }, true)));
            plans.add(
              served.report!.plan.replace(/\d/g, '') + (served.report!.sortedInMemory ? ' sorted' : ''),
            );
            const part = { ...whole, skip: one.skip, limit: one.limit };
            const page = run(collection, part);
            const end = one.limit === 0 ? undefined : one.skip + one.limit;
            expect(page.rids).toHaveLength(scanned.rids.slice(one.skip, end).length);
            expect(page.keys).toEqual(scanned.keys.slice(one.skip, end));
            expect(count(collection, part)).toBe(page.rids.length);
          }
        },
      ),
      { numRuns: 60 },
    );
    expect(plans).toContain('COLLSCAN');
    expect(plans).toContain('i');
    expect(plans).toContain('i sorted');
    const all = [...ways].join(', ');
    for (const way of [/tests exact/, /sort exact/, /exact repeats/, /tests(,|$)/]) expect(all).toMatch(way);
  }, 60_000);

  it('finds the same after documents were replaced and removed', () => {
    fc.assert(
      fc.property(
        documentList,
        fc.array(fc.tuple(fc.nat(13), fc.option(document)), { maxLength: 12 }),
        fc.array(index, { minLength: 3, maxLength: 5 }),
        fc.array(filter, { minLength: 25, maxLength: 40 }),
        (documents, changes, specs, filters) => {
          const collection = fill(documents);
          addIndexes(collection, specs);
          for (const [id, change] of changes) {
            const found = collection.findById(rawId(id));
            if (found === undefined) continue;
            try {
              if (change === null) collection.remove(found.rid, found.document);
              else
                collection.replace(found.rid, found.document, rawDocument(serialize({ _id: id, ...change })));
            } catch (error) {
              expect((error as DatabaseError).codeName).toBe('CannotIndexParallelArrays');
            }
          }
          for (const one of filters) {
            const query = toQuery(one, undefined, 0, 0);
            const scanned = run(collection, { ...query, hint: '$natural' }).rids;
            expect(run(collection, query).rids.toSorted()).toEqual(scanned.toSorted());
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});

/** What the keys of a plan are used for. */
function wayOf(plan: Plan): string {
  if (plan.kind !== 'index') return plan.kind;
  return [
    plan.keyTests.length > 0 && 'tests',
    plan.keySort && 'sort',
    plan.exact && 'exact',
    plan.repeats && 'repeats',
  ]
    .filter(Boolean)
    .join(' ');
}

function rawId(id: number) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(id);
  return { type: 0x10, bytes, start: 0, end: 4 };
}
