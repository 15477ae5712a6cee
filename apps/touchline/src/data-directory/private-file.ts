import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { CommandError } from '../command-error.ts';

/** Writes JSON readable by its owner only, whole or not at all, and durable when this returns. */
export function writePrivateJson(file: string, value: unknown): void {
  const draft = `${file}.new`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeFileSync(descriptor, `${JSON.stringify(value, null, 2)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
}

/**
 * A JSON object whose named members are texts.
 *
 * @returns undefined when there is no file
 * @throws CommandError that names the file and what is wrong with it, without its content
 */
export function readPrivateJson<const Name extends string>(
  file: string,
  names: readonly Name[],
): Record<Name, string> | undefined {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new CommandError(`${file} cannot be read: ${cause instanceof Error ? cause.message : cause}.`, {
      cause,
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    throw new CommandError(`${file} is not JSON. Restore it from a backup.`);
  }
  if (typeof parsed !== 'object' || parsed === null) throw new CommandError(`${file} is not a JSON object.`);
  for (const name of names) {
    const value: unknown = Reflect.get(parsed, name);
    if (typeof value !== 'string' || value === '') {
      throw new CommandError(`${file} has no text "${name}". Restore it from a backup.`);
    }
  }
  return parsed as Record<Name, string>;
}
