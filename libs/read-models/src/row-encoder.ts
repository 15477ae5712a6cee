import { BSON } from 'mongodb';
import { knownByBytes } from '@touchline/event-log';
import type { ReadModelDocument, Stored } from './read-model.ts';

const MAX_KNOWN_BYTES = 16 * 1024 * 1024;
/** Of an entry beside its key and its row. */
const ENTRY_BYTES = 200;

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
  /** The row of a document as it is stored. */
  readonly row: (document: Buffer) => EncodedRow<D>;

  /** @param encode must follow from the document alone */
  constructor(encode: (document: Stored<D>) => Uint8Array) {
    this.row = knownByBytes(
      (bytes: Buffer) => {
        const document = this.document(bytes);
        return { id: document._id, bytes: encode(document) };
      },
      { maxBytes: MAX_KNOWN_BYTES, sizeOf: ({ bytes }) => bytes.length + ENTRY_BYTES },
    );
  }

  document(document: Buffer): Stored<D> {
    return BSON.deserialize(document) as Stored<D>;
  }
}
