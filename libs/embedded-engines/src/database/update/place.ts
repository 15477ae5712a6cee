import { encodeValue } from '../bson/writer.ts';
import { DatabaseError } from '../errors.ts';
import { display } from '../storage/duplicate-key.ts';
import { asBranch, asValue, type Branch, emptyBranch, type Slot } from './tree.ts';

const maxPadding = 1_500_000;

/** The place of one part of a path in a branch; -1 when there is nothing yet. */
function indexOf(branch: Branch, part: string): number {
  if (!branch.isArray) return branch.entries.findIndex(({ name }) => name === part);
  const index = arrayIndex(part);
  return index !== undefined && index < branch.entries.length ? index : -1;
}

export function arrayIndex(part: string): number | undefined {
  return /^(0|[1-9]\d{0,8})$/.test(part) ? Number(part) : undefined;
}

/** The branch below `branch` at an entry, taken apart in its place so that changes stay. */
function enter(branch: Branch, index: number): Branch | undefined {
  const entry = branch.entries[index]!;
  const child = asBranch(entry.value);
  if (child !== undefined) entry.value = child;
  return child;
}

/** What lies at a path; undefined when nothing does. */
export function getAt(root: Branch, parts: readonly string[]): Slot | undefined {
  let branch: Branch | undefined = root;
  for (const [depth, part] of parts.entries()) {
    const index: number = branch === undefined ? -1 : indexOf(branch, part);
    if (branch === undefined || index < 0) return undefined;
    if (depth === parts.length - 1) return branch.entries[index]!.value;
    branch = asBranch(branch.entries[index]!.value);
  }
  return root;
}

/** Puts a value at a path, making the documents on the way. Throws PathNotViable below scalars and in arrays. */
export function setAt(root: Branch, parts: readonly string[], value: Slot): void {
  let branch = root;
  for (const [depth, part] of parts.entries()) {
    const last = depth === parts.length - 1;
    let index = indexOf(branch, part);
    if (index < 0) {
      index = append(branch, parts, depth, last ? value : emptyBranch());
      if (last) return;
    }
    if (last) {
      branch.entries[index]!.value = value;
      return;
    }
    const child = enter(branch, index);
    if (child === undefined) throw notViable(parts[depth + 1]!, part, branch.entries[index]!.value);
    branch = child;
  }
}

function append(branch: Branch, parts: readonly string[], depth: number, value: Slot): number {
  const part = parts[depth]!;
  if (!branch.isArray) return branch.entries.push({ name: part, value }) - 1;
  const index = arrayIndex(part);
  if (index === undefined) throw notViable(part, parts[depth - 1] ?? '', branch);
  if (index - branch.entries.length > maxPadding)
    throw new DatabaseError('BadValue', `can't backfill more than ${maxPadding} elements`);
  while (branch.entries.length < index) branch.entries.push({ name: '', value: encodeValue(null) });
  return branch.entries.push({ name: part, value }) - 1;
}

function notViable(part: string, parent: string, value: Slot): DatabaseError {
  return new DatabaseError(
    'PathNotViable',
    `Cannot create field '${part}' in element {${parent}: ${display(asValue(value))}}`,
  );
}

/** Says whether `setAt` would succeed in what is missing on the way; used where nothing is to be made. */
export function refuseBlockedPath(root: Branch, parts: readonly string[]): void {
  let branch = root;
  for (const [depth, part] of parts.slice(0, -1).entries()) {
    const index = indexOf(branch, part);
    if (index < 0) return;
    const child = asBranch(branch.entries[index]!.value);
    if (child === undefined) throw notViable(parts[depth + 1]!, part, branch.entries[index]!.value);
    branch = child;
  }
}

/** Takes away what lies at a path; in an array null takes its place. */
export function removeAt(root: Branch, parts: readonly string[]): void {
  let branch: Branch | undefined = root;
  for (const [depth, part] of parts.entries()) {
    const index: number = indexOf(branch, part);
    if (index < 0) return;
    if (depth === parts.length - 1) {
      if (branch.isArray) branch.entries[index]!.value = encodeValue(null);
      else branch.entries.splice(index, 1);
      return;
    }
    branch = enter(branch, index);
    if (branch === undefined) return;
  }
}
