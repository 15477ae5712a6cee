import { DatabaseFileError } from '../errors.ts';

/** A message that says which file is in trouble, what the trouble is and what would help. */
export function describeFileError(filePath: string, error: unknown): DatabaseFileError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DatabaseFileError(`${filePath}: ${advice(error, reason)}`, { cause: error });
}

function advice(error: unknown, reason: string): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || /readonly|unable to open/i.test(reason))
    return `the database file cannot be written (${reason}). Give this user write access to the directory, or choose another data directory.`;
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return `the data directory is not a directory (${reason}). Choose another data directory.`;
  if (isCorrupt(error))
    return `the database file is damaged (${reason}). Restore it from a backup; read models can also be rebuilt after moving it away, state cannot.`;
  if (/locked|busy/i.test(reason))
    return 'the database file is in use by another process. Stop that one, or choose another data directory.';
  return `the database file cannot be used (${reason}).`;
}

export const sqliteCorrupt = 11;
const sqliteNoDatabase = 26;
const sqliteFull = 13;

/** Whether what lies in the file is no database, or no whole one. */
export function isCorrupt(error: unknown): boolean {
  const code =
    typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === sqliteCorrupt || code === sqliteNoDatabase;
}

export function isDiskFull(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'errcode' in error && Number(error.errcode) === sqliteFull
  );
}
