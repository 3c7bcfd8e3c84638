import path from 'node:path';
import { Kysely } from 'kysely';
import type { Tables } from '../schema/tables.ts';
import type { Database } from './database.ts';
import { makeDataDirectory } from './make-data-directory.ts';
import { sqliteDialect } from './sqlite-dialect.ts';

const READERS = 2;
const BUSY_TIMEOUT_MS = 10_000;

export const sqlitePath = (dataDir: string): string => path.join(dataDir, 'portal.db');

/** The database in the data directory; both are made if they do not exist. */
export function openSqlite(dataDir: string, maxPages: number | null = null): Database {
  const file = sqlitePath(dataDir);
  makeDataDirectory(dataDir, file);
  const shared = { path: file, busyTimeoutMs: BUSY_TIMEOUT_MS, maxPages };
  const writer = new Kysely<Tables>({ dialect: sqliteDialect({ ...shared, readOnly: false }, 1) });
  const reader = new Kysely<Tables>({ dialect: sqliteDialect({ ...shared, readOnly: true }, READERS) });
  return {
    dialect: 'sqlite',
    reader,
    writer,
    shownName: file,
    appIds: new Map(),
    breaks: () => 0,
    prepareFor: async () => {},
    dropBefore: async () => false,
    async close() {
      // The writer last: then it moves the log into the database and removes it.
      await reader.destroy();
      await writer.destroy();
    },
  };
}
