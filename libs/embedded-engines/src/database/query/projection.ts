import { readElements } from '../bson/reader.ts';
import { BsonType, isNumeric, type RawValue } from '../bson/types.ts';
import { BsonWriter } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';
import { isTrue } from './filter.ts';

/** The fields to take or to leave out, by name; a leaf is the whole field. */
interface Tree {
  readonly children: Map<string, Tree>;
  leaf: boolean;
}

export type Project = (document: RawValue) => RawValue;

/** Reads a projection of fields to include or to exclude; undefined when it changes nothing. */
export function parseProjection(value: RawValue | undefined): Project | undefined {
  if (value === undefined) return undefined;
  if (value.type !== BsonType.object)
    throw new DatabaseError('TypeMismatch', 'the projection must be an object');
  const tree: Tree = { children: new Map(), leaf: false };
  const found = { including: undefined as boolean | undefined, id: undefined as boolean | undefined };
  collect(value, [], tree, found);
  const { including = found.id ?? false, id } = found;
  if (tree.children.size === 0 && id === undefined) return undefined;
  if (including) {
    if (id !== false) tree.children.set('_id', { children: new Map(), leaf: true });
    return (document) => write(document, (writer) => include(writer, document, tree));
  }
  if (id === false) tree.children.set('_id', { children: new Map(), leaf: true });
  return (document) => write(document, (writer) => exclude(writer, document, tree));
}

function collect(
  value: RawValue,
  prefix: readonly string[],
  tree: Tree,
  found: { including: boolean | undefined; id: boolean | undefined },
): void {
  for (const { name, value: wanted } of readElements(value.bytes, value.start)) {
    const parts = [...prefix, ...name.split('.')];
    const text = parts.join('.');
    if (parts.some((part) => part === '' || part.startsWith('$')))
      throw new DatabaseError(
        name.startsWith('$') ? 'Location31325' : 'BadValue',
        `the projection of '${text}' is not supported by this server`,
      );
    if (parts.length > 100)
      throw new DatabaseError('BadValue', 'the projection is nested deeper than 100 levels');
    if (wanted.type === BsonType.object) {
      if (wanted.end - wanted.start === 5)
        throw new DatabaseError(
          'Location51270',
          'An empty sub-projection is not a valid value. Found empty object at path',
        );
      const [first] = readElements(wanted.bytes, wanted.start);
      if (first!.name.startsWith('$'))
        throw new DatabaseError(
          'Location31325',
          `the projection operator ${first!.name} of '${text}' is not supported by this server`,
        );
      collect(wanted, parts, tree, found);
      continue;
    }
    if (wanted.type !== BsonType.boolean && !isNumeric(wanted.type))
      throw new DatabaseError(
        'BadValue',
        `the projection of '${text}' must be true or false: computed fields are not supported by this server`,
      );
    const taken = isTrue(wanted);
    if (text === '_id') {
      found.id = taken;
      continue;
    }
    if (found.including !== undefined && found.including !== taken)
      throw taken
        ? new DatabaseError('Location31253', `Cannot do inclusion on field ${text} in exclusion projection`)
        : new DatabaseError('Location31254', `Cannot do exclusion on field ${text} in inclusion projection`);
    found.including = taken;
    plant(tree, parts, text);
  }
}

function plant(tree: Tree, parts: readonly string[], text: string): void {
  let node = tree;
  for (const part of parts) {
    if (node.leaf) throw new DatabaseError('Location31249', `Path collision at ${text}`);
    let child = node.children.get(part);
    if (child === undefined) node.children.set(part, (child = { children: new Map(), leaf: false }));
    node = child;
  }
  if (node.children.size > 0) throw new DatabaseError('Location31250', `Path collision at ${text}`);
  node.leaf = true;
}

function write(document: RawValue, fill: (writer: BsonWriter) => void): RawValue {
  const writer = new BsonWriter(document.end - document.start);
  const begun = writer.begin();
  fill(writer);
  writer.end(begun);
  const bytes = writer.finish();
  return { type: BsonType.object, bytes, start: 0, end: bytes.length };
}

/** The order of the document is kept. */
function include(writer: BsonWriter, container: RawValue, tree: Tree): void {
  for (const { name, value } of readElements(container.bytes, container.start)) {
    const node = tree.children.get(name);
    if (node === undefined) continue;
    if (node.leaf) writer.raw(name, value);
    else if (value.type === BsonType.object) nested(writer, name, value, () => include(writer, value, node));
    else if (value.type === BsonType.array)
      nested(writer, name, value, () => includeItems(writer, value, node));
  }
}

function includeItems(writer: BsonWriter, array: RawValue, tree: Tree): void {
  let place = 0;
  for (const { value } of readElements(array.bytes, array.start)) {
    if (value.type !== BsonType.object && value.type !== BsonType.array) continue;
    const fill = value.type === BsonType.object ? include : includeItems;
    nested(writer, String(place++), value, () => fill(writer, value, tree));
  }
}

function exclude(writer: BsonWriter, container: RawValue, tree: Tree): void {
  for (const { name, value } of readElements(container.bytes, container.start)) {
    const node = tree.children.get(name);
    if (node === undefined) writer.raw(name, value);
    else if (!node.leaf) excludeBelow(writer, name, value, node);
  }
}

function excludeBelow(writer: BsonWriter, name: string, value: RawValue, tree: Tree): void {
  if (value.type === BsonType.object) nested(writer, name, value, () => exclude(writer, value, tree));
  else if (value.type === BsonType.array)
    nested(writer, name, value, () => {
      for (const item of readElements(value.bytes, value.start))
        excludeBelow(writer, item.name, item.value, tree);
    });
  else writer.raw(name, value);
}

function nested(writer: BsonWriter, name: string, value: RawValue, fill: () => void): void {
  writer.name(value.type, name);
  const begun = writer.begin();
  fill();
  writer.end(begun);
}
