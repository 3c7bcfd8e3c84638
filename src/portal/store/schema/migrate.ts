import { type Kysely, sql } from 'kysely';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { Database, DialectName } from '../database/database.ts';
import { codeOf } from '../database/database-failure.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './tables.ts';

/** Any number that nothing else in the database is likely to use as a lock. */
export const MIGRATION_LOCK = 4_206_190_731;

/**
 * Brings the schema up to date, all or nothing. Processes that start at the same time wait for it.
 * @param upTo an older version, for restoring a backup of that version
 * @throws CrashmonError DATABASE_TOO_NEW
 */
export async function migrate(
  dialect: DialectName,
  writer: Kysely<Tables>,
  shownName: string,
  upTo: number = MIGRATIONS.length,
): Promise<void> {
  await writer.transaction().execute(async (transaction) => {
    if (dialect !== 'sqlite') {
      await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction);
    }
    await sql`create table if not exists schema_version (version integer not null)`.execute(transaction);
    const row = await transaction.selectFrom('schema_version').select('version').executeTakeFirst();
    const version = row?.version ?? 0;
    if (version > MIGRATIONS.length) throw tooNew(shownName, version);
    if (version >= upTo) return;
    // With Citus, several connections to each node could not see what the others changed.
    if (dialect !== 'sqlite')
      await sql`set local citus.multi_shard_modify_mode = 'sequential'`.execute(transaction);
    for (const migration of MIGRATIONS.slice(version, upTo)) {
      for (const statement of migration(dialect)) await sql.raw(statement).execute(transaction);
    }
    await transaction.deleteFrom('schema_version').execute();
    await transaction.insertInto('schema_version').values({ version: upTo }).execute();
  });
}

/**
 * For readers next to a running portal of any version.
 * @throws CrashmonError DATABASE_TOO_NEW; DATABASE_UNUSABLE if the database is empty or from an older crashmon
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
