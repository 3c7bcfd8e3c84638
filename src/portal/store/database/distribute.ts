import { type Kysely, sql } from 'kysely';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import { APP_TABLES } from '../schema/app-tables.ts';
import { MIGRATION_LOCK } from '../schema/migrate.ts';
import type { Tables } from '../schema/tables.ts';
import { PORTAL_NAME } from './database.ts';

/** Citus 13 is what was tested. */
const OLDEST = 13;

/**
 * Distributes the tables of apps that are not distributed yet, all or nothing; with rows, it copies them, while nothing can
 * be written. Names of apps, accounts and settings stay on the coordinator. Processes that start at the same time wait for
 * each other.
 *
 * @param admin one connection, without time limits
 * @throws CrashmonError DATABASE_UNUSABLE
 */
export async function distribute(admin: Kysely<Tables>, shownName: string): Promise<void> {
  const made = await admin.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction);
    const done = await listDistributed(transaction);
    const missing = APP_TABLES.filter((table) => !done.has(table));
    if (missing.length === 0) return [];
    if (done.size === 0) await refuseOthers(transaction, shownName);
    // Otherwise several connections to each node would make them, and could not see each other's.
    await sql`set local citus.multi_shard_modify_mode = 'sequential'`.execute(transaction);
    for (const table of missing) {
      const beside = table === APP_TABLES[0] ? 'default' : APP_TABLES[0];
      await sql`select create_distributed_table(${table}, 'app_id', colocate_with => ${beside})`.execute(
        transaction,
      );
    }
    return missing;
  });
  // The coordinator's own rows: nothing reads them any more.
  for (const table of made) {
    await sql`select truncate_local_data_after_distributing_table(${table}::regclass)`.execute(admin);
  }
}

/** Those of the tables of apps that are distributed; none without Citus. */
export async function listDistributed(from: Kysely<Tables>): Promise<Set<string>> {
  const { rows } = await sql<{
    is: boolean;
  }>`select to_regclass('pg_dist_partition') is not null as is`.execute(from);
  if (rows[0]?.is !== true) return new Set();
  const found = await sql<{ name: string }>`select c.relname as name from pg_dist_partition as d
    join pg_class as c on c.oid = d.logicalrelid where d.partmethod = 'h'
      and c.relnamespace = current_schema()::regnamespace and c.relname in (${sql.join(APP_TABLES)})`.execute(
    from,
  );
  return new Set(found.rows.map(({ name }) => name));
}

/** @throws CrashmonError DATABASE_UNUSABLE unless it is the coordinator of nodes that hold data */
export async function requireCitus(admin: Kysely<Tables>, shownName: string): Promise<void> {
  const unusable = (message: string) => new CrashmonError('DATABASE_UNUSABLE', message);
  const extension = await sql<{ version: string }>`select extversion as version from pg_extension
    where extname = 'citus'`.execute(admin);
  const version = extension.rows[0]?.version;
  if (version === undefined) {
    throw unusable(
      `The database ${shownName} has no Citus: run “create extension citus” in it on every node, or start without --citus.`,
    );
  }
  if (Number.parseInt(version, 10) < OLDEST) {
    throw unusable(`The database ${shownName} has Citus ${version}: update it to Citus ${OLDEST} or later.`);
  }
  const { rows } = await sql<{ group_id: number; nodes: number }>`select
    (select groupid from pg_dist_local_group) as group_id,
    (select count(*) from pg_dist_node where isactive and shouldhaveshards and noderole = 'primary') as nodes`.execute(
    admin,
  );
  const { group_id = 0, nodes = 0 } = rows[0] ?? {};
  if (group_id !== 0)
    throw unusable(`${shownName} is a worker node of Citus: give the URL of its coordinator.`);
  if (nodes > 0) return;
  throw unusable(
    `The Citus cluster ${shownName} has no nodes for data: add them with “select citus_add_node('host', 5432)”, then start again.`,
  );
}

/** A portal that started before uses statements that only work where nothing is distributed. */
async function refuseOthers(transaction: Kysely<Tables>, shownName: string): Promise<void> {
  const { rows } = await sql<{ others: number }>`select count(*) as others from pg_stat_activity
    where datname = current_database() and application_name = ${PORTAL_NAME}`.execute(transaction);
  if ((rows[0]?.others ?? 0) === 0) return;
  throw new CrashmonError(
    'DATABASE_UNUSABLE',
    `Another crashmon uses the database ${shownName}: stop it while this one distributes the tables.`,
  );
}
