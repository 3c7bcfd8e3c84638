import { type Kysely, sql } from 'kysely';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { DialectName } from '../database/database.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './tables.ts';

/** Any number that nothing else in the database is likely to lock by. */
export const MIGRATION_LOCK = 4_206_190_731;

/**
 * Brings the schema up to date, all or nothing. Others that start at the same time wait and find it done.
 * @throws CrashmonError DATABASE_TOO_NEW
 */
export async function migrate(
  dialect: DialectName,
  writer: Kysely<Tables>,
  shownName: string,
): Promise<void> {
  await writer.transaction().execute(async (transaction) => {
    if (dialect === 'postgres') {
      await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction);
    }
    await sql`create table if not exists schema_version (version integer not null)`.execute(transaction);
    const row = await transaction.selectFrom('schema_version').select('version').executeTakeFirst();
    const version = row?.version ?? 0;
    if (version > MIGRATIONS.length) {
      const message =
        `A newer crashmon wrote the database ${shownName} (schema ${version}, this one knows ${MIGRATIONS.length}): ` +
        'use that version.';
      throw new CrashmonError('DATABASE_TOO_NEW', message);
    }
    if (version === MIGRATIONS.length) return;
    for (const migration of MIGRATIONS.slice(version)) {
      for (const statement of migration(dialect)) await sql.raw(statement).execute(transaction);
    }
    await transaction.deleteFrom('schema_version').execute();
    await transaction.insertInto('schema_version').values({ version: MIGRATIONS.length }).execute();
  });
}
