import { toDouble, toSafeInteger } from '../bson/numbers.ts';
import { rawDocument, readElements, readString, readValues } from '../bson/reader.ts';
import { BsonType, isNumeric, type RawElement, type RawValue, typeName } from '../bson/types.ts';
import { DatabaseError } from '../errors.ts';
import { isTrue } from '../query/filter.ts';

/** Members that every command may carry; they ask for nothing that a single durable server does not give anyway. */
const passedBy = new Set([
  'lsid',
  '$db',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'comment',
  'maxTimeMS',
  'bypassDocumentValidation',
  'allowDiskUse',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'rawData',
]);
const refusedUnlessEmpty = ['let', 'collation'];
const transactional = ['txnNumber', 'autocommit', 'startTransaction'];
const emptyDocument = rawDocument(Buffer.from([5, 0, 0, 0, 0]));

/** The members of a command or of one statement in it, with checks of their types. */
export class Arguments {
  readonly owner: string;
  readonly #elements: readonly RawElement[];
  readonly #sequences: ReadonlyMap<string, readonly RawValue[]>;

  constructor(
    owner: string,
    elements: readonly RawElement[],
    sequences: ReadonlyMap<string, readonly RawValue[]> = new Map(),
  ) {
    this.owner = owner;
    this.#elements = elements;
    this.#sequences = sequences;
  }

  /** Refuses members that are neither known here nor common to all commands. */
  allow(...known: string[]): this {
    for (const { name, value } of this.#elements) {
      if (known.includes(name) || name === this.owner) continue;
      if (refusedUnlessEmpty.includes(name)) refuseUnlessEmpty(name, value);
      else if (transactional.includes(name))
        throw new DatabaseError(
          'IllegalOperation',
          'Transaction numbers are only allowed on a replica set member or mongos',
        );
      else if (!passedBy.has(name)) this.#refuse(name);
    }
    for (const name of this.#sequences.keys()) if (!known.includes(name)) this.#refuse(name);
    return this;
  }

  #refuse(name: string): never {
    throw new DatabaseError('Location40415', `BSON field '${this.owner}.${name}' is an unknown field.`);
  }

  /** The members of a document among the members. */
  within(name: string, document: RawValue): Arguments {
    return new Arguments(`${this.owner}.${name}`, readElements(document.bytes, document.start));
  }

  get(name: string): RawValue | undefined {
    const value = this.#elements.find((element) => element.name === name)?.value;
    return value?.type === BsonType.null || value?.type === BsonType.undefined ? undefined : value;
  }

  string(name: string): string {
    return this.optionalString(name) ?? this.#missing(name);
  }

  optionalString(name: string): string | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : readString(this.#typed(name, value, BsonType.string, 'string'));
  }

  document(name: string): RawValue {
    return this.get(name) === undefined ? this.#missing(name) : this.optionalDocument(name)!;
  }

  optionalDocument(name: string): RawValue | undefined {
    const value = this.get(name);
    return value && this.#typed(name, value, BsonType.object, 'object');
  }

  documentOrEmpty(name: string): RawValue {
    return this.optionalDocument(name) ?? emptyDocument;
  }

  boolean(name: string, fallback = false): boolean {
    const value = this.get(name);
    if (value === undefined) return fallback;
    if (value.type !== BsonType.boolean && !isNumeric(value.type))
      this.#wrongType(name, value, "[bool, long, int, decimal, double']");
    return isTrue(value);
  }

  /** A whole number that is not negative. */
  count(name: string): number | undefined {
    const number = this.integer(name);
    if (number !== undefined && number < 0)
      throw new DatabaseError(
        'Location51024',
        `BSON field '${name}' value must be >= 0, actual value '${number}'`,
      );
    return number;
  }

  integer(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (!isNumeric(value.type)) this.#wrongType(name, value, "'[long, int, decimal, double]'");
    const number = toSafeInteger(value);
    if (number !== undefined) return number;
    throw new DatabaseError(
      'FailedToParse',
      `Expected an integer in '${this.owner}.${name}', found ${toDouble(value)}`,
    );
  }

  /** Documents that come as an array in the body or as a section of the message. */
  documents(name: string): readonly RawValue[] {
    const sequence = this.#sequences.get(name);
    if (sequence !== undefined) return sequence;
    const value = this.get(name) ?? this.#missing(name);
    const items = readValues(this.#typed(name, value, BsonType.array, 'array'));
    for (const [i, item] of items.entries()) this.#typed(`${name}.${i}`, item, BsonType.object, 'object');
    return items;
  }

  #missing(name: string): never {
    throw new DatabaseError(
      'Location40414',
      `BSON field '${this.owner}.${name}' is missing but a required field`,
    );
  }

  #typed(name: string, value: RawValue, type: number, expected: string): RawValue {
    return value.type === type ? value : this.#wrongType(name, value, `'${expected}'`);
  }

  #wrongType(name: string, value: RawValue, expected: string): never {
    throw new DatabaseError(
      'TypeMismatch',
      `BSON field '${this.owner}.${name}' is the wrong type '${typeName(value)}', expected type ${expected}`,
    );
  }
}

function refuseUnlessEmpty(name: string, value: RawValue): void {
  if (value.type === BsonType.object) {
    const elements = readElements(value.bytes, value.start);
    if (elements.length === 0) return;
    const locale = elements.find((element) => element.name === 'locale')?.value;
    if (name === 'collation' && locale?.type === BsonType.string && readString(locale) === 'simple') return;
  }
  throw new DatabaseError('CommandNotSupported', `the option '${name}' is not supported by this server`);
}
