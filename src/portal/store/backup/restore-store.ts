import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { sql } from 'kysely';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { Database, DialectName, WriteTransaction } from '../database/database.ts';
import { databaseFailure } from '../database/database-failure.ts';
import { insertRows } from '../database/write-rows.ts';
import { openDatabase, type StoreSettings } from '../open-database.ts';
import type { Column } from '../schema/column.ts';
import { migrate } from '../schema/migrate.ts';
import { MIGRATIONS } from '../schema/migrations.ts';
import { TABLES, type TableName } from '../schema/tables.ts';
import { BACKUP_FORMAT } from './backup-store.ts';

export type RestoreOptions = {
  /** Called with the number of rows so far. */
  onProgress?: (rows: number) => void;
  signal?: AbortSignal;
};

/**
 * Restores a backup into an empty database, all or nothing.
 * @throws CrashmonError DATABASE_UNUSABLE if the backup is damaged or the database is in use, DATABASE_TOO_NEW if a newer
 * crashmon made the backup
 */
export async function restoreStore(
  settings: StoreSettings,
  file: string,
  options: RestoreOptions = {},
): Promise<void> {
  const lines = readLines(file);
  const head = (await lines.next()).value;
  if (head?.format !== BACKUP_FORMAT || !Number.isSafeInteger(head.schema)) throw damaged(file);
  if (head.schema > MIGRATIONS.length) {
    const message = `A newer crashmon made the backup ${file} (schema ${head.schema}): restore it with that version.`;
    throw new CrashmonError('DATABASE_TOO_NEW', message);
  }
  const database = await openDatabase(settings);
  const { dialect, writer, shownName } = database;
  try {
    await migrate(dialect, writer, shownName, head.schema);
    if (head.first !== null) await database.prepareFor(head.first, head.last);
    await writer
      .transaction()
      .execute((transaction) => restoreLines(database, transaction, lines, head.schema, file, options));
    await migrate(dialect, writer, shownName);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw databaseFailure(shownName, error);
  } finally {
    await lines.return(undefined);
    await database.close();
  }
}

async function restoreLines(
  { dialect, shownName }: Database,
  transaction: WriteTransaction,
  // biome-ignore lint/suspicious/noExplicitAny: each line is checked where it is used
  lines: AsyncGenerator<any, undefined>,
  schema: number,
  file: string,
  { onProgress = () => {}, signal }: RestoreOptions,
): Promise<void> {
  await refuseUsed(shownName, transaction, schema);
  let rows = 0;
  let whole = false;
  for await (const part of lines) {
    signal?.throwIfAborted();
    if (whole) throw damaged(file);
    if (typeof part.table === 'string' && Object.hasOwn(TABLES, part.table) && Array.isArray(part.rows)) {
      await insert(dialect, transaction, part.table, part.rows);
      rows += part.rows.length;
      onProgress(rows);
    } else if (part.end === rows) whole = true;
    else throw damaged(file);
  }
  if (!whole) throw damaged(file);
  if (dialect !== 'sqlite') await advanceKeys(transaction);
}

// biome-ignore lint/suspicious/noExplicitAny: each line is checked where it is used
async function* readLines(file: string): AsyncGenerator<any, undefined> {
  const input = createReadStream(file);
  const unpacked = createGunzip();
  input.on('error', (error) => unpacked.destroy(error));
  try {
    for await (const line of createInterface({ input: input.pipe(unpacked), crlfDelay: Infinity })) {
      yield JSON.parse(line);
    }
  } catch (error) {
    throw damaged(file, error);
  } finally {
    input.destroy();
  }
}

const damaged = (file: string, cause?: unknown): CrashmonError =>
  cause instanceof CrashmonError
    ? cause
    : new CrashmonError(
        'DATABASE_UNUSABLE',
        `Cannot restore ${file}: it cannot be read, or is not a complete backup of a portal. Nothing was restored.`,
        { cause },
      );

/** Deletes what an unused portal has written, for example its setup link. */
async function refuseUsed(shownName: string, transaction: WriteTransaction, schema: number): Promise<void> {
  const version = await transaction.selectFrom('schema_version').select('version').executeTakeFirst();
  let isUsed = version?.version !== schema;
  for (const table of ['apps', 'accounts', 'tokens'] as const) {
    const row = await transaction
      .selectFrom(table)
      .select(sql<number>`1`.as('one'))
      .limit(1)
      .executeTakeFirst();
    isUsed ||= row !== undefined;
  }
  if (isUsed) {
    const message = `The database ${shownName} is in use: restore into a new one. Nothing was changed.`;
    throw new CrashmonError('DATABASE_UNUSABLE', message);
  }
  for (const table of ['links', 'sessions', 'failures', 'audit', 'portal_keys'] as const) {
    await transaction.deleteFrom(table).execute();
  }
}

async function insert(
  dialect: DialectName,
  transaction: WriteTransaction,
  table: TableName,
  rows: readonly object[],
): Promise<void> {
  if (rows.length > 0) await insertRows(dialect, table, rows).execute(transaction);
}

/** PostgreSQL's counters do not follow keys that were inserted. */
async function advanceKeys(transaction: WriteTransaction): Promise<void> {
  for (const [table, { columns }] of Object.entries(TABLES)) {
    const key = Object.entries<Column<unknown>>(columns).find(([, { type }]) => type === 'counter')?.[0];
    if (key === undefined) continue;
    await sql`select setval(pg_get_serial_sequence(${table}, ${key}),
      (select coalesce(max(${sql.ref(key)}), 0) + 1 from ${sql.table(table)}), false)`.execute(transaction);
  }
}
