import { findElement, readElements, readString, readValues } from '../bson/reader.ts';
import { BsonType, type RawValue } from '../bson/types.ts';
import { BsonWriter } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';
import { type Path, parsePath } from './path.ts';

/** The value of an expression for a document; undefined where there is none. */
export type Expression = (document: RawValue) => RawValue | undefined;

/** Reads the expressions that `$group` is given: paths, `$$ROOT`, `$literal`, constants and documents of these. */
export function parseExpression(value: RawValue): Expression {
  if (value.type === BsonType.string) {
    const text = readString(value);
    if (text === '$$ROOT' || text === '$$CURRENT') return (document) => document;
    if (text.startsWith('$$'))
      throw new DatabaseError('Location17276', `Use of undefined variable: ${text.slice(2)}`);
    if (text.startsWith('$')) return fieldPath(text.slice(1));
    return () => value;
  }
  if (value.type === BsonType.array) {
    const items = readValues(value).map(parseExpression);
    return (document) =>
      written(BsonType.array, (writer) => {
        for (const [i, item] of items.entries()) {
          const found = item(document);
          if (found) writer.raw(String(i), found);
          else writer.name(BsonType.null, String(i));
        }
      });
  }
  return value.type === BsonType.object ? parseDocument(value) : () => value;
}

function parseDocument(value: RawValue): Expression {
  const elements = readElements(value.bytes, value.start);
  const first = elements[0];
  if (first?.name === '$literal' && elements.length === 1) return () => first.value;
  const operator = elements.find(({ name }) => name.startsWith('$'));
  if (operator)
    throw new DatabaseError('InvalidPipelineOperator', `Unrecognized expression '${operator.name}'`);
  const fields = elements.map((element) => ({
    name: element.name,
    expression: parseExpression(element.value),
  }));
  return (document) =>
    written(BsonType.object, (writer) => {
      for (const { name, expression } of fields) {
        const found = expression(document);
        if (found) writer.raw(name, found);
      }
    });
}

function written(type: number, fill: (writer: BsonWriter) => void): RawValue {
  const writer = new BsonWriter(64);
  const begun = writer.begin();
  fill(writer);
  writer.end(begun);
  const bytes = writer.finish();
  return { type, bytes, start: 0, end: bytes.length };
}

function fieldPath(text: string): Expression {
  if (text === '' || text.startsWith('.') || text.endsWith('.') || text.includes('..'))
    throw new DatabaseError('Location40353', `FieldPath '${text}' must not hold empty field names`);
  const path = parsePath(text);
  return (document) => valueAt(document, path, 0);
}

/** Through arrays a path gives the array of what it gives for each document in them; places of arrays have no names. */
function valueAt(value: RawValue, path: Path, depth: number): RawValue | undefined {
  const part = path.parts[depth];
  if (part === undefined) return value;
  if (value.type === BsonType.object) {
    const found = findElement(value.bytes, value.start, part.bytes);
    return found && valueAt(found, path, depth + 1);
  }
  if (value.type !== BsonType.array) return undefined;
  return written(BsonType.array, (writer) => {
    let place = 0;
    for (const item of readValues(value)) {
      const found = valueAt(item, path, depth);
      if (found) writer.raw(String(place++), found);
    }
  });
}
