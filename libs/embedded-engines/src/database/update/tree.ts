import { readElements } from '../bson/reader.ts';
import { BsonType, type RawValue } from '../bson/types.ts';
import { BsonWriter } from '../bson/writer.ts';

/** A value of a document that is being changed: untouched bytes, or a document or array taken apart. */
export type Slot = RawValue | Branch;

export interface Branch {
  readonly isArray: boolean;
  readonly entries: { name: string; value: Slot }[];
}

export function isBranch(slot: Slot): slot is Branch {
  return 'entries' in slot;
}

/** Takes a document or array apart, one level deep. */
export function takeApart(value: RawValue): Branch {
  return {
    isArray: value.type === BsonType.array,
    entries: readElements(value.bytes, value.start) as Branch['entries'],
  };
}

export function emptyBranch(): Branch {
  return { isArray: false, entries: [] };
}

/** The slot as a branch when it is a document or array. */
export function asBranch(slot: Slot): Branch | undefined {
  if (isBranch(slot)) return slot;
  return slot.type === BsonType.object || slot.type === BsonType.array ? takeApart(slot) : undefined;
}

/** The slot's value; a branch is put together for it. */
export function asValue(slot: Slot): RawValue {
  if (!isBranch(slot)) return slot;
  const bytes = putTogether(slot);
  return { type: slot.isArray ? BsonType.array : BsonType.object, bytes, start: 0, end: bytes.length };
}

export function putTogether(branch: Branch): Buffer {
  const writer = new BsonWriter();
  writeBranch(writer, branch);
  return writer.finish();
}

function writeBranch(writer: BsonWriter, branch: Branch): void {
  const begun = writer.begin();
  branch.entries.forEach(({ name, value }, i) => {
    const shown = branch.isArray ? String(i) : name;
    if (isBranch(value)) {
      writer.name(value.isArray ? BsonType.array : BsonType.object, shown);
      writeBranch(writer, value);
    } else writer.raw(shown, value);
  });
  writer.end(begun);
}
