import { type Kysely, sql } from 'kysely';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { Database, DialectName } from '../database/database.ts';
import { codeOf } from '../database/database-failure.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './tables.ts';

/** Any number that nothing else in the database is likely to lock by. */
export const MIGRATION_LOCK = 4_206_190_731;

/**
 * Brings the schema up to date, all or nothing. Others that start at the same time wait and find it done.
 * @param upTo a version that is older than the newest, for what was written by it
 * @throws CrashmonError DATABASE_TOO_NEW
 */
export async function migrate(
  dialect: DialectName,
  writer: Kysely<Tables>,
  shownName: string,
  upTo: number = MIGRATIONS.length,
): Promise<void> {
  await writer.transaction().execute(async (transaction) => {
    if (dialect === 'postgres') {
      await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction);
    }
    await sql`create table if not exists schema_version (version integer not null)`.execute(transaction);
    const row = await transaction.selectFrom('schema_version').select('version').executeTakeFirst();
    const version = row?.version ?? 0;
    if (version > MIGRATIONS.length) throw tooNew(shownName, version);
    if (version >= upTo) return;
    for (const migration of MIGRATIONS.slice(version, upTo)) {
      for (const statement of migration(dialect)) await sql.raw(statement).execute(transaction);
    }
    await transaction.deleteFrom('schema_version').execute();
    await transaction.insertInto('schema_version').values({ version: upTo }).execute();
  });
}

/**
 * For who only reads, beside a portal of whatever version that runs.
 * @throws CrashmonError DATABASE_TOO_NEW, or DATABASE_UNUSABLE where nothing is in it or an older crashmon wrote it
 */
export async function requireCurrentSchema({ reader, shownName }: Database): Promise<void> {
  const row = await reader
    .selectFrom('schema_version')
    .select('version')
    .executeTakeFirst()
    .catch((error: unknown) => {
      if (isMissingTable(error)) return undefined;
      throw error;
    });
  const version = row?.version ?? 0;
  if (version === MIGRATIONS.length) return;
  if (version > MIGRATIONS.length) throw tooNew(shownName, version);
  const message =
    version === 0
      ? `There is no portal in ${shownName}: check --data-dir and --database.`
      : `An older crashmon wrote the database ${shownName}: start this one’s portal once, which brings it up to date.`;
  throw new CrashmonError('DATABASE_UNUSABLE', message);
}

function isMissingTable(error: unknown): boolean {
  return codeOf(error) === '42P01' || (error instanceof Error && /no such table/.test(error.message));
}

function tooNew(shownName: string, version: number): CrashmonError {
  const message =
    `A newer crashmon wrote the database ${shownName} (schema ${version}, this one knows ${MIGRATIONS.length}): ` +
    'use that version.';
  return new CrashmonError('DATABASE_TOO_NEW', message);
}
