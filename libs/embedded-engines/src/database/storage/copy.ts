import type { DatabaseSync } from 'node:sqlite';

/**
 * Copies collections with their indexes into a new file, as of one moment: nothing else happens meanwhile. Outside of
 * any transaction only.
 *
 * @param tables of the collections and their indexes
 * @param atThatMoment called once everything is copied, before anything else may be written
 */
export function copyCollections(
  source: DatabaseSync,
  target: string,
  {
    collections,
    tables,
    formatVersion,
  }: { collections: readonly number[]; tables: readonly string[]; formatVersion: number },
  atThatMoment: () => void,
): void {
  source.prepare('ATTACH ? AS copy').run(target);
  try {
    // Serves to make the copied tables as they are; the names are this program's own.
    const definition = source.prepare("SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?");
    const create = (table: string) => {
      const sql = String(definition.get(table)?.['sql']);
      source.exec(sql.replace(/^CREATE TABLE /i, 'CREATE TABLE copy.'));
    };
    source.exec('BEGIN IMMEDIATE');
    for (const table of ['collections', 'indexes', ...tables]) create(table);
    const wanted = collections.join(',');
    source.exec(`
      INSERT INTO copy.collections SELECT * FROM main.collections WHERE id IN (${wanted});
      INSERT INTO copy.indexes SELECT * FROM main.indexes WHERE collection IN (${wanted});
    `);
    for (const table of tables) source.exec(`INSERT INTO copy.${table} SELECT * FROM main.${table}`);
    source.exec(`PRAGMA copy.user_version = ${formatVersion}`);
    atThatMoment();
    source.exec('COMMIT');
  } finally {
    if (source.isTransaction) source.exec('ROLLBACK');
    source.exec('DETACH copy');
  }
}
