import { BSON } from 'mongodb';
import { LastUsed } from '@touchline/event-log';
import type { ReadModelDocument, Stored } from './read-model.ts';

const MAX_KNOWN_BYTES = 16 * 1024 * 1024;
/** Of an entry beside its key and its row. */
const ENTRY_BYTES = 200;
/** A larger document is not looked for: its bytes would have to be compared. */
const MAX_LOOKED_FOR_BYTES = 4 * 1024;
/** Documents may be personal: what is not asked for any more is forgotten within twice that time. */
const IDLE_MS = 60_000;

/** A row of a list. */
export interface EncodedRow<D extends ReadModelDocument> {
  readonly id: D['_id'];
  readonly bytes: Uint8Array;
}

/**
 * Makes rows of lists from documents as they are stored. Whoever turns over the same pages gets the same documents again and
 * again: the row that was made of the same bytes before is known.
 */
export class RowEncoder<D extends ReadModelDocument> {
  readonly #encode: (document: Stored<D>) => Uint8Array;
  readonly #known = new LastUsed<string, EncodedRow<D>>({
    max: MAX_KNOWN_BYTES,
    sizeOf: (key, { bytes }) => key.length + bytes.length + ENTRY_BYTES,
    idleMs: IDLE_MS,
  });

  /** @param encode must follow from the document alone */
  constructor(encode: (document: Stored<D>) => Uint8Array) {
    this.#encode = encode;
  }

  row(document: Buffer): EncodedRow<D> {
    if (document.length > MAX_LOOKED_FOR_BYTES) return this.#made(document);
    const key = document.toString('latin1');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const row = this.#made(document);
    this.#known.set(key, row);
    return row;
  }

  document(document: Buffer): Stored<D> {
    return BSON.deserialize(document) as Stored<D>;
  }

  #made(bytes: Buffer): EncodedRow<D> {
    const document = this.document(bytes);
    return { id: document._id, bytes: this.#encode(document) };
  }
}
