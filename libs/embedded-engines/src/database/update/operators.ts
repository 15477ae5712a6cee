import { ArithmeticError, calculate } from '../bson/arithmetic.ts';
import { compareValues } from '../bson/compare.ts';
import { readValues } from '../bson/reader.ts';
import { BsonType, isNumeric, type RawValue, typeName } from '../bson/types.ts';
import { encodeValue } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';
import { display } from '../storage/duplicate-key.ts';
import {
  type ArrayChange,
  parseAddToSet,
  parsePop,
  parsePull,
  parsePullAll,
  parsePush,
} from './array-operators.ts';
import { getAt, refuseBlockedPath, removeAt, setAt } from './place.ts';
import { asValue, type Branch, type Slot } from './tree.ts';

/** Changes what lies at a concrete path of a document. `inserting` is true in an upsert that makes a document. */
export type Apply = (root: Branch, parts: readonly string[], inserting: boolean) => void;

/** Makes the function of one operator with one operand; the path is only for error texts. */
export function parseOperator(operator: string, path: string, operand: RawValue): Apply {
  switch (operator) {
    case '$set':
      return (root, parts) => setAt(root, parts, operand);
    case '$setOnInsert':
      return (root, parts, inserting) => {
        if (inserting) setAt(root, parts, operand);
      };
    case '$unset':
      return (root, parts) => removeAt(root, parts);
    case '$inc':
    case '$mul':
      return arithmetic(operator, path, operand);
    case '$min':
    case '$max':
      return (root, parts) => {
        const old = getAt(root, parts);
        const order = old === undefined ? undefined : compareValues(operand, asValue(old));
        if (order === undefined || (operator === '$min' ? order < 0 : order > 0)) setAt(root, parts, operand);
      };
    case '$push':
      return changeArray(operator, parsePush(operand), true);
    case '$addToSet':
      return changeArray(operator, parseAddToSet(operand), true);
    case '$pop':
      return changeArray(operator, parsePop(operand), false);
    case '$pull':
      return changeArray(operator, parsePull(operand), false);
    case '$pullAll':
      return changeArray(operator, parsePullAll(operand), false);
    default:
      throw ['$currentDate', '$bit'].includes(operator)
        ? new DatabaseError(
            'FailedToParse',
            `the update operator ${operator} is not supported by this server`,
          )
        : new DatabaseError(
            'FailedToParse',
            `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
          );
  }
}

function arithmetic(operator: '$inc' | '$mul', path: string, operand: RawValue): Apply {
  const verb = operator === '$inc' ? 'increment' : 'multiply';
  if (!isNumeric(operand.type))
    throw new DatabaseError(
      'TypeMismatch',
      `Cannot ${verb} with non-numeric argument: {${path}: ${display(operand)}}`,
    );
  return (root, parts) => {
    const slot = getAt(root, parts);
    if (slot === undefined) {
      setAt(root, parts, operator === '$inc' ? operand : calculate('multiply', operand, encodeValue(0)));
      return;
    }
    const old = asValue(slot);
    if (!isNumeric(old.type))
      throw new DatabaseError(
        'TypeMismatch',
        `Cannot apply ${operator} to a value of non-numeric type. {${idText(root)}} has the field '${parts.at(-1)}' of non-numeric type ${typeName(old)}`,
      );
    try {
      setAt(root, parts, calculate(operator === '$inc' ? 'add' : 'multiply', old, operand));
    } catch (error) {
      if (!(error instanceof ArithmeticError)) throw error;
      throw new DatabaseError(
        'BadValue',
        `Failed to apply ${operator} operations to current value (${display(old)}) for document {${idText(root)}}: ${error.message}`,
      );
    }
  };
}

function changeArray(operator: string, change: ArrayChange, creates: boolean): Apply {
  return (root, parts) => {
    const slot = getAt(root, parts);
    if (slot === undefined) {
      if (creates) setAt(root, parts, arrayOf(change([])));
      else refuseBlockedPath(root, parts);
      return;
    }
    const old = asValue(slot);
    if (old.type !== BsonType.array) throw noArray(operator, root, parts, old);
    const elements = readValues(old);
    const changed = change(elements);
    if (changed.length !== elements.length || changed.some((element, i) => element !== elements[i]))
      setAt(root, parts, arrayOf(changed));
  };
}

function noArray(operator: string, root: Branch, parts: readonly string[], old: RawValue): DatabaseError {
  const name = parts.join('.');
  switch (operator) {
    case '$push':
      return new DatabaseError(
        'BadValue',
        `The field '${name}' must be an array but is of type ${typeName(old)} in document {${idText(root)}}`,
      );
    case '$addToSet':
      return new DatabaseError(
        'BadValue',
        `Cannot apply $addToSet to non-array field. Field named '${parts.at(-1)}' has non-array type ${typeName(old)}`,
      );
    case '$pop':
      return new DatabaseError(
        'TypeMismatch',
        `Path '${name}' contains an element of non-array type '${typeName(old)}'`,
      );
    default:
      return new DatabaseError('BadValue', `Cannot apply ${operator} to a non-array value`);
  }
}

function arrayOf(elements: readonly Slot[]): Branch {
  return { isArray: true, entries: elements.map((value) => ({ name: '', value })) };
}

function idText(root: Branch): string {
  const id = root.entries.find(({ name }) => name === '_id');
  return id ? `_id: ${display(asValue(id.value))}` : '';
}
