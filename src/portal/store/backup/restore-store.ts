import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { sql } from 'kysely';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import { databaseFailure } from '../database/database-failure.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { openDatabase, type StoreSettings } from '../open-database.ts';
import { migrate } from '../schema/migrate.ts';
import { MIGRATIONS } from '../schema/migrations.ts';
import { BACKUP_FORMAT } from './backup-store.ts';
import { BACKUP_KEYS, COUNTED_KEYS, columnsOf } from './backup-tables.ts';

/**
 * A backup into a database that holds nothing yet, all or nothing.
 * @throws CrashmonError DATABASE_UNUSABLE where the file is no whole backup or the database is not empty,
 * DATABASE_TOO_NEW where a newer crashmon made the backup
 */
export async function restoreStore(settings: StoreSettings, file: string): Promise<void> {
  const database = openDatabase(settings);
  try {
    await migrate(database.dialect, database.writer, database.shownName);
    await restore(database, file);
  } catch (error) {
    throw databaseFailure(database.shownName, error);
  } finally {
    await database.close();
  }
}

async function restore(database: Database, file: string): Promise<void> {
  const lines = readLines(file);
  const head = (await lines.next()).value;
  if (head?.format !== BACKUP_FORMAT) throw damaged(file);
  if (head.schema !== MIGRATIONS.length) {
    const message = `The backup ${file} has schema ${head.schema}: restore it with the crashmon that made it.`;
    throw new CrashmonError('DATABASE_TOO_NEW', message);
  }
  if (head.first !== null) await database.prepareFor(head.first, head.last);
  await database.writer.transaction().execute(async (transaction) => {
    await refuseUsed(database, transaction);
    let rows = 0;
    let whole = false;
    for await (const part of lines) {
      if (whole) throw damaged(file);
      if (typeof part.table === 'string' && part.table in BACKUP_KEYS && Array.isArray(part.rows)) {
        await insert(database, transaction, part.table, part.rows);
        rows += part.rows.length;
      } else if (part.end === rows) whole = true;
      else throw damaged(file);
    }
    if (!whole) throw damaged(file);
    if (database.dialect === 'postgres') await advanceKeys(transaction);
  });
}

// biome-ignore lint/suspicious/noExplicitAny: what was read is looked at line by line
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
        `Cannot restore ${file}: it cannot be read, or is no whole backup of a portal. Nothing was restored.`,
        { cause },
      );

async function refuseUsed(database: Database, transaction: WriteTransaction): Promise<void> {
  const app = await transaction.selectFrom('apps').select('app_id').limit(1).executeTakeFirst();
  const account = await transaction.selectFrom('accounts').select('id').limit(1).executeTakeFirst();
  if (app === undefined && account === undefined) return;
  const message = `The database ${database.shownName} is in use: restore into a new one. Nothing was changed.`;
  throw new CrashmonError('DATABASE_UNUSABLE', message);
}

async function insert(
  { dialect }: Database,
  transaction: WriteTransaction,
  table: string,
  rows: readonly Record<string, Cell>[],
): Promise<void> {
  const names = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => names.map((name) => row[name] ?? null));
  const columns = sql.join(names.map((name) => sql.ref(name)));
  await sql`insert into ${sql.table(table)} (${columns}) select ${columns}
    from ${jsonRows(dialect, columnsOf(names), cells)} as r where true`.execute(transaction);
}

/** PostgreSQL does not notice keys that were given. */
async function advanceKeys(transaction: WriteTransaction): Promise<void> {
  for (const [table, key] of Object.entries(COUNTED_KEYS)) {
    await sql`select setval(pg_get_serial_sequence(${table}, ${key}),
      (select coalesce(max(${sql.ref(key)}), 0) + 1 from ${sql.table(table)}), false)`.execute(transaction);
  }
}
