/** An event on its way into the log. */
export interface ProposedEvent {
  /** 32 hexadecimal digits in lower case. */
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly metadata: Uint8Array;
  readonly data: Uint8Array;
}

/** An event as it lies in the log. */
export interface StoredEvent {
  /** Its place in $all: positive, strictly increasing, without gaps. */
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: Uint8Array;
  readonly createdMs: number;
  readonly isJson: boolean;
  readonly type: string;
  readonly metadata: Uint8Array;
  readonly data: Uint8Array;
}

/** Stands for revision 2^63 - 1, the tombstone's, in a column and in numbers that must stay exact. */
export const TOMBSTONE_REVISION = Number.MAX_SAFE_INTEGER;
export const TOMBSTONE_TYPE = '$streamDeleted';
export const METADATA_TYPE = '$metadata';
export const LINK_TYPE = '$>';
