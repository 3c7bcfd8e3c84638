import { createWriteStream, existsSync } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Kysely, sql } from 'kysely';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { Database } from '../database/database.ts';
import { codeOf, databaseFailure } from '../database/database-failure.ts';
import { sqlitePath } from '../database/open-sqlite.ts';
import { openDatabase, type StoreSettings } from '../open-database.ts';
import { APP_TABLES } from '../schema/app-tables.ts';
import { requireCurrentSchema } from '../schema/migrate.ts';
import { MIGRATIONS } from '../schema/migrations.ts';
import { NOT_BACKED_UP, TABLES, type TableName, type Tables } from '../schema/tables.ts';

export const BACKUP_FORMAT = 'crashmon portal backup 1';
const ROWS_AT_ONCE = 1_000;
/** gzip level: half the time of the default, for a file that is a sixth larger. */
const QUICK = 3;

export type BackupOptions = {
  /** Replace an existing file. */
  force?: boolean;
  /** Called with the number of rows so far. */
  onProgress?: (rows: number) => void;
  signal?: AbortSignal;
};

/**
 * Writes everything in the store at one moment into a new file, while the portal runs; with Citus, each node at a moment of
 * its own, and so each app at one. Both databases can be restored from it. The file contains hashes of passwords and tokens: mode 0600. It appears only when it is complete.
 * @throws CrashmonError BAD_OPTION if the file exists; DATABASE_UNUSABLE, DATABASE_TOO_NEW
 */
export async function backupStore(
  settings: StoreSettings,
  targetFile: string,
  { force = false, onProgress = () => {}, signal }: BackupOptions = {},
): Promise<void> {
  if (!force && existsSync(targetFile)) throw isThere(targetFile);
  if (settings.databaseUrl === null && !existsSync(sqlitePath(settings.dataDir))) {
    const message = `There is no portal in ${settings.dataDir}: check --data-dir and --database.`;
    throw new CrashmonError('DATABASE_UNUSABLE', message);
  }
  const partial = `${targetFile}.partial`;
  const database = await openDatabase(settings);
  try {
    await requireCurrentSchema(database);
    const isSharded = settings.databaseUrl !== null && (await isDistributed(database));
    await rm(partial, { force: true });
    // One transaction sees one state of the database.
    await database.reader
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (transaction) => {
        const file = createWriteStream(partial, { mode: 0o600, flags: 'wx', flush: true });
        const packed = createGzip({ level: QUICK });
        await pipeline(Readable.from(lines(transaction, isSharded, onProgress)), packed, file, { signal });
      });
    await putInPlace(partial, targetFile, force);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    if (signal?.aborted || error instanceof CrashmonError) throw error;
    const isOfFiles = typeof error === 'object' && error !== null && 'syscall' in error && 'path' in error;
    if (!isOfFiles) throw databaseFailure(database.shownName, error);
    const message = `Cannot write the backup ${targetFile}: check the directory, its permissions and its space.`;
    throw new CrashmonError('DATABASE_UNUSABLE', message, { cause: error });
  } finally {
    await database.close();
  }
}

async function putInPlace(partial: string, targetFile: string, force: boolean): Promise<void> {
  if (force) return rename(partial, targetFile);
  try {
    // Unlike rename, never replaces a file that was created meanwhile.
    await link(partial, targetFile);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw isThere(targetFile);
    // Some file systems do not support links.
    return rename(partial, targetFile);
  }
  await rm(partial);
}

const isThere = (file: string): CrashmonError =>
  new CrashmonError('BAD_OPTION', `${file} already exists: choose another name, or replace it with --force.`);

async function isDistributed({ reader }: Database): Promise<boolean> {
  const { listDistributed } = await import('../database/distribute.ts');
  return (await listDistributed(reader)).size > 0;
}

/** @param isSharded by Citus: reads app by app, so that each part comes from one node */
async function* lines(
  transaction: Kysely<Tables>,
  isSharded: boolean,
  onProgress: (rows: number) => void,
): AsyncGenerator<string> {
  const apps = (await transaction.selectFrom('apps').select('app_id').orderBy('app_id').execute()).map(
    ({ app_id }) => app_id,
  );
  yield line({ format: BACKUP_FORMAT, schema: MIGRATIONS.length, ...(await timesOf(transaction, apps)) });
  let rows = 0;
  for (const [table, { key }] of Object.entries(TABLES)) {
    if (NOT_BACKED_UP.includes(table as TableName)) continue;
    const isOfApps = isSharded && APP_TABLES.some((name) => name === table);
    for (const app of isOfApps ? apps : [null]) {
      let last: Record<string, unknown> | undefined;
      do {
        const part = await readPart(transaction, table, key, app, last);
        if (part.length > 0) yield line({ table, rows: part });
        rows += part.length;
        onProgress(rows);
        last = part.length === ROWS_AT_ONCE ? part.at(-1) : undefined;
      } while (last !== undefined);
    }
  }
  yield line({ end: rows });
}

/** Times of the first and the last crash, app by app: there is an index for that. */
async function timesOf(
  transaction: Kysely<Tables>,
  apps: readonly number[],
): Promise<{ first: number | null; last: number | null }> {
  let first: number | null = null;
  let last: number | null = null;
  for (const app of apps) {
    const ofApp = sql`from crashes where app_id = ${app}`;
    const { rows } = await sql<{ first: number | null; last: number | null }>`select
      (select min(at) ${ofApp}) as first, (select max(at) ${ofApp}) as last`.execute(transaction);
    const [found] = rows;
    if (found?.first == null || found.last === null) continue;
    first = Math.min(first ?? found.first, found.first);
    last = Math.max(last ?? found.last, found.last);
  }
  return { first, last };
}

/** The next rows in the order of the key, of one app or of all. */
async function readPart(
  transaction: Kysely<Tables>,
  table: string,
  key: readonly string[],
  app: number | null,
  last: Record<string, unknown> | undefined,
): Promise<Record<string, unknown>[]> {
  const columns = sql.join(key.map((name) => sql.ref(name)));
  const after =
    last === undefined ? sql`true` : sql`(${columns}) > (${sql.join(key.map((name) => sql`${last[name]}`))})`;
  const ofApp = app === null ? sql`` : sql` and app_id = ${app}`;
  const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)} where ${after}${ofApp}
    order by ${columns} limit ${sql.lit(ROWS_AT_ONCE)}`.execute(transaction);
  return rows;
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
