import { equalValues } from '../bson/compare.ts';
import { newObjectId } from '../bson/object-id.ts';
import { rawDocument, readElements, readString, readValues } from '../bson/reader.ts';
import { BsonType, type RawValue, typeName } from '../bson/types.ts';
import { DatabaseError } from '../errors.ts';
import { display } from '../storage/duplicate-key.ts';
import { type Filter, parseFilter } from '../query/filter.ts';
import { isTooLarge } from '../wire/limits.ts';
import { arrayIndex, getAt, removeAt, setAt } from './place.ts';
import { type Apply, parseOperator } from './operators.ts';
import { type ArrayFilters, concretePaths, parseArrayFilters } from './positional.ts';
import { asValue, type Branch, emptyBranch, putTogether, takeApart } from './tree.ts';
import { checkId } from './stored-document.ts';

interface Step {
  readonly parts: readonly string[];
  readonly apply: Apply;
}

/** A replacement document, or operators; made once and used on every document that the query finds. */
export type Update =
  | { readonly kind: 'replace'; readonly document: RawValue }
  | {
      readonly kind: 'modify';
      readonly steps: readonly Step[];
      readonly arrayFilters: ArrayFilters;
      readonly filter: Filter;
    };

export function parseUpdate(update: RawValue, filter: Filter, arrayFilters?: RawValue): Update {
  if (update.type === BsonType.array)
    return { kind: 'modify', steps: parsePipeline(update), arrayFilters: new Map(), filter };
  if (update.type !== BsonType.object)
    throw new DatabaseError('FailedToParse', 'Update argument must be either an object or an array');
  const elements = readElements(update.bytes, update.start);
  if (!elements[0]?.name.startsWith('$')) {
    if (arrayFilters !== undefined)
      throw new DatabaseError('FailedToParse', 'Cannot specify arrayFilters and a replacement document');
    return { kind: 'replace', document: update };
  }
  const steps: Step[] = [];
  const paths: string[] = [];
  for (const { name: operator, value } of elements) {
    if (!operator.startsWith('$')) parseOperator(operator, '', value); // throws what it says of unknown operators
    if (value.type !== BsonType.object)
      throw new DatabaseError(
        'FailedToParse',
        `Modifiers operate on fields but we found type ${typeName(value)} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${display(value)}}`,
      );
    const fields = readElements(value.bytes, value.start);
    if (fields.length === 0) parseOperatorName(operator);
    for (const field of fields) {
      paths.push(field.name);
      if (operator === '$rename') {
        paths.push(renameTarget(field.name, field.value));
        steps.push(renameStep(field.name, readString(field.value)));
      } else
        steps.push({ parts: splitPath(field.name), apply: parseOperator(operator, field.name, field.value) });
    }
  }
  refuseConflicts(paths);
  steps.sort((a, b) => comparePaths(a.parts, b.parts));
  return { kind: 'modify', steps, arrayFilters: parseArrayFilters(arrayFilters, parseFilter), filter };
}

/** Of updates by a pipeline only `$set` of constants is understood; that is what `$set` as an operator does. */
function parsePipeline(pipeline: RawValue): Step[] {
  const unsupported = (what: string) =>
    new DatabaseError('FailedToParse', `in an update by a pipeline, ${what} is not supported by this server`);
  return readValues(pipeline).flatMap((stage) => {
    const [first, ...more] = stage.type === BsonType.object ? readElements(stage.bytes, stage.start) : [];
    if (first === undefined || more.length > 0)
      throw new DatabaseError(
        'Location40323',
        'A pipeline stage specification object must contain exactly one field.',
      );
    if (first.name !== '$set' && first.name !== '$addFields') throw unsupported(`the stage ${first.name}`);
    if (first.value.type !== BsonType.object) throw unsupported('a stage that is no document');
    return readElements(first.value.bytes, first.value.start).map(({ name, value }) => {
      const computed = value.type === BsonType.string && readString(value).startsWith('$');
      if (computed || value.type === BsonType.object || value.type === BsonType.array)
        throw unsupported('a value that is not a constant');
      return { parts: splitPath(name), apply: parseOperator('$set', name, value) };
    });
  });
}

const operatorNames = [
  '$set',
  '$unset',
  '$inc',
  '$mul',
  '$min',
  '$max',
  '$push',
  '$addToSet',
  '$pop',
  '$pull',
  '$pullAll',
  '$rename',
  '$setOnInsert',
];

/** An operator with no field changes nothing, but must exist. */
function parseOperatorName(operator: string): void {
  if (!operatorNames.includes(operator))
    parseOperator(operator, '', rawDocument(Buffer.from([5, 0, 0, 0, 0])));
}

function splitPath(path: string): string[] {
  const parts = path.split('.');
  if (parts.includes('')) {
    const why =
      path === ''
        ? 'An empty update path is not valid.'
        : `The update path '${path}' contains an empty field name, which is not allowed.`;
    throw new DatabaseError('EmptyFieldName', why);
  }
  const dollar = parts.find(
    (part, i) =>
      part.startsWith('$') &&
      !(i > 0 && (part === '$' || /^\$\[[^\]]*\]$/.test(part))) &&
      !['$ref', '$id', '$db'].includes(part),
  );
  if (dollar !== undefined)
    throw new DatabaseError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${dollar}' in '${path}' is not allowed in the context of an update's path.`,
    );
  if (parts.length > 200) throw new DatabaseError('BadValue', 'the update path is deeper than 200 levels');
  return parts;
}

function renameTarget(from: string, to: RawValue): string {
  if (to.type !== BsonType.string)
    throw new DatabaseError(
      'BadValue',
      `The 'to' field for $rename must be a string: ${from}: ${display(to)}`,
    );
  const target = readString(to);
  if ([...splitPath(from), ...splitPath(target)].some((part) => part.startsWith('$')))
    throw new DatabaseError(
      'BadValue',
      `The source and target field for $rename may not be dynamic: ${from}`,
    );
  return target;
}

function renameStep(from: string, to: string): Step {
  const source = splitPath(from);
  const target = splitPath(to);
  const apply: Apply = (root) => {
    const slot = getAt(root, source);
    if (slot === undefined) return;
    for (const parts of [source, target])
      for (let depth = 1; depth < parts.length; depth += 1) {
        const parent = getAt(root, parts.slice(0, depth));
        if (parent !== undefined && asValue(parent).type === BsonType.array)
          throw new DatabaseError(
            'BadValue',
            `The source and destination field of $rename cannot be an array element, '${parts.join('.')}'`,
          );
      }
    removeAt(root, source);
    setAt(root, target, slot);
  };
  return { parts: target, apply };
}

function refuseConflicts(paths: readonly string[]): void {
  const sorted = paths.map((path) => `${path}.`).sort();
  for (let i = 1; i < sorted.length; i += 1)
    if (sorted[i]!.startsWith(sorted[i - 1]!)) {
      const [outer, inner] = [sorted[i - 1]!.slice(0, -1), sorted[i]!.slice(0, -1)];
      throw new DatabaseError(
        'ConflictingUpdateOperators',
        `Updating the path '${inner}' would create a conflict at '${outer}'`,
      );
    }
}

/** The order in which new fields are added: by name, places of arrays by number. */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    const [x, y] = [arrayIndex(a[i]!), arrayIndex(b[i]!)];
    const order =
      x !== undefined && y !== undefined ? x - y : Buffer.compare(Buffer.from(a[i]!), Buffer.from(b[i]!));
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const idPath = ['_id'];

/** The document after the update; the very same when nothing changes. */
export function applyUpdate(update: Update, found: RawValue): RawValue {
  const root = update.kind === 'replace' ? takeApart(update.document) : takeApart(found);
  const id = getAt(takeApart(found), idPath);
  if (update.kind === 'replace') {
    const own = getAt(root, idPath);
    if (own !== undefined && !equalValues(asValue(own), id && asValue(id)))
      throw new DatabaseError(
        'ImmutableField',
        `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${display(asValue(own))}`,
      );
    putIdFirst(root, id === undefined ? undefined : asValue(id));
  } else {
    applySteps(update, root, found);
    const own = getAt(root, idPath);
    if (own === undefined || !equalValues(asValue(own), id && asValue(id)))
      throw new DatabaseError(
        'ImmutableField',
        `Performing an update on the path '_id' would modify the immutable field '_id'`,
      );
  }
  const bytes = putTogether(root);
  if (bytes.length === found.end - found.start && bytes.equals(found.bytes.subarray(found.start, found.end)))
    return found;
  return checked(bytes);
}

function applySteps(
  update: Extract<Update, { kind: 'modify' }>,
  root: Branch,
  found: RawValue | undefined,
): void {
  const { arrayFilters, filter } = update;
  for (const { parts, apply } of update.steps)
    for (const concrete of concretePaths(root, parts, { arrayFilters, filter, found }))
      apply(root, concrete, found === undefined);
}

function checked(bytes: Buffer): RawValue {
  const document = rawDocument(bytes);
  if (isTooLarge(document))
    throw new DatabaseError('BSONObjectTooLarge', 'Resulting document after update is larger than 16777216');
  return document;
}

function putIdFirst(root: Branch, id: RawValue | undefined): void {
  const at = root.entries.findIndex(({ name }) => name === '_id');
  if (at >= 0) root.entries.splice(at, 1);
  if (id !== undefined) root.entries.unshift({ name: '_id', value: id });
}

/** The document that an upsert inserts: the equalities of the query, then the update, with an `_id` in front. */
export function upsertDocument(update: Update, filter: Filter): RawValue {
  const equalities = emptyBranch();
  takeEqualities(filter, equalities);
  let root = equalities;
  const queried = getAt(equalities, idPath);
  if (update.kind === 'replace') root = takeApart(update.document);
  else applySteps(update, root, undefined);
  const own = getAt(root, idPath);
  if (queried !== undefined && own !== undefined && !equalValues(asValue(own), asValue(queried)))
    throw new DatabaseError(
      'ImmutableField',
      `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${display(asValue(own))}`,
    );
  const id = own ?? queried;
  putIdFirst(root, id === undefined ? newObjectId() : asValue(id));
  checkId(asValue(root.entries[0]!.value));
  return checked(putTogether(root));
}

function takeEqualities(filter: Filter, into: Branch): void {
  if (filter.kind === 'and') for (const one of filter.filters) takeEqualities(one, into);
  if (filter.kind === 'or' && filter.filters.length === 1) takeEqualities(filter.filters[0]!, into);
  if (filter.kind !== 'field' || filter.condition.kind !== 'test') return;
  const { test } = filter.condition;
  const operand =
    test.op === 'eq'
      ? test.operand
      : test.op === 'in' && test.operands.length === 1 && test.regexes.length === 0
        ? test.operands[0]
        : undefined;
  if (operand === undefined) return;
  const parts = filter.path.parts.map(({ name }) => name);
  if (getAt(into, parts) !== undefined)
    throw new DatabaseError(
      'Location54',
      `cannot infer query fields to set, path '${filter.path.text}' is matched twice`,
    );
  setAt(into, parts, operand);
}
