import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

const SQL = fileURLToPath(new URL('../../fixtures/previous-version/journal-3.sql', import.meta.url));

/**
 * Writes the journal that the previous version of crashmon (schema 3) made of two crashes, the second of them captured,
 * with outbox and news full.
 * @param older what takes it back to an even older schema
 */
export function writePreviousJournal(directory: string, older = ''): void {
  using database = new DatabaseSync(path.join(directory, 'journal.db'));
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(readFileSync(SQL, 'utf8'));
  database.exec(older);
}
