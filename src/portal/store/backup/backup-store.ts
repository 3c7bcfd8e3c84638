import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Kysely, sql } from 'kysely';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import { databaseFailure } from '../database/database-failure.ts';
import { openDatabase, type StoreSettings } from '../open-database.ts';
import { migrate } from '../schema/migrate.ts';
import { MIGRATIONS } from '../schema/migrations.ts';
import type { Tables } from '../schema/tables.ts';
import { BACKUP_KEYS } from './backup-tables.ts';

export const BACKUP_FORMAT = 'crashmon portal backup 1';
const ROWS_AT_ONCE = 1_000;

/**
 * All that the store knows at one moment, into a new file that either dialect can be restored from, while the portal
 * runs. The file holds what lets people in (hashes of passwords and tokens): mode 0600. It is there only when it is whole.
 * @throws CrashmonError DATABASE_UNUSABLE
 */
export async function backupStore(settings: StoreSettings, targetFile: string): Promise<void> {
  const partial = `${targetFile}.partial`;
  const database = openDatabase(settings);
  try {
    await migrate(database.dialect, database.writer, database.shownName);
    // One transaction sees one state of the database.
    await database.reader
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (transaction) => {
        const file = createWriteStream(partial, { mode: 0o600, flags: 'w', flush: true });
        await pipeline(Readable.from(lines(transaction)), createGzip(), file);
      });
    await rename(partial, targetFile);
  } catch (error) {
    await rm(partial, { force: true });
    const code = typeof error === 'object' && error !== null && 'syscall' in error && 'path' in error;
    if (!code) throw databaseFailure(database.shownName, error);
    const message = `Cannot write the backup ${targetFile}: check the directory, its permissions and its space.`;
    throw new CrashmonError('DATABASE_UNUSABLE', message, { cause: error });
  } finally {
    await database.close();
  }
}

async function* lines(transaction: Kysely<Tables>): AsyncGenerator<string> {
  const times = await transaction
    .selectFrom('crashes')
    .select((of) => [of.fn.min('at').as('first'), of.fn.max('at').as('last')])
    .executeTakeFirst();
  yield line({
    format: BACKUP_FORMAT,
    schema: MIGRATIONS.length,
    first: times?.first ?? null,
    last: times?.last ?? null,
  });
  let rows = 0;
  for (const [table, key] of Object.entries(BACKUP_KEYS)) {
    let last: Record<string, unknown> | undefined;
    do {
      const part = await readPart(transaction, table, key, last);
      if (part.length > 0) yield line({ table, rows: part });
      rows += part.length;
      last = part.length === ROWS_AT_ONCE ? part.at(-1) : undefined;
    } while (last !== undefined);
  }
  yield line({ end: rows });
}

async function readPart(
  transaction: Kysely<Tables>,
  table: string,
  key: readonly string[],
  last: Record<string, unknown> | undefined,
): Promise<Record<string, unknown>[]> {
  const columns = sql.join(key.map((name) => sql.ref(name)));
  const after =
    last === undefined
      ? sql``
      : sql`where (${columns}) > (${sql.join(key.map((name) => sql`${last[name]}`))})`;
  const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)} ${after}
    order by ${columns} limit ${sql.lit(ROWS_AT_ONCE)}`.execute(transaction);
  return rows;
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
