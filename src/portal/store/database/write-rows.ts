import { type RawBuilder, sql } from 'kysely';
import { APP_TABLES, type AppTableName } from '../schema/app-tables.ts';
import { TABLES, type TableName } from '../schema/tables.ts';
import type { DialectName, WriteTransaction } from './database.ts';
import { jsonRows, namesOf, type Part } from './json-rows.ts';
import { isAmong, ofApps, onlyApp } from './of-apps.ts';

/** Inserts rows; the table is `t` in what follows. With Citus, all rows are of one app, whose activity has a row. */
export function insertRows<Name extends TableName, Given extends object>(
  dialect: DialectName,
  table: Name,
  rows: readonly Part<Name, Given>[],
): RawBuilder<unknown> {
  const names = namesOf(rows);
  const into = sql`insert into ${sql.table(table)} as t (${sql.raw(names.join(', '))})`;
  const json = jsonRows<Name, Given>(dialect, table, rows);
  if (dialect === 'citus' && APP_TABLES.some((name) => name === table)) {
    // Citus finds the node by the condition. Without it, all rows pass through files on the coordinator.
    const columns = names.map((name) => (name === 'app_id' ? 'a.app_id' : `r.${name}`)).join(', ');
    return sql`${into} select ${sql.raw(columns)} from app_activity as a cross join ${json} as r
      where a.app_id = ${onlyApp(rows)}`;
  }
  // SQLite cannot parse `on conflict` after a select without a condition.
  return sql`${into}
    select ${sql.raw(names.map((name) => `r.${name}`).join(', '))}
    from ${json} as r where true`;
}

/** Inserts the rows that are not stored yet. */
export function insertNew<Name extends TableName, Given extends object>(
  dialect: DialectName,
  table: Name,
  rows: readonly Part<Name, Given>[],
): RawBuilder<unknown> {
  return sql`${insertRows<Name, Given>(dialect, table, rows)} on conflict (${keyOfTable(table)}) do nothing`;
}

/** Inserts rows, or changes those that are stored: see `earliest`, `latest`, `plus` and `merge`. */
export function upsertRows<Name extends TableName, Given extends object>(
  dialect: DialectName,
  table: Name,
  rows: readonly Part<Name, Given>[],
  changes: readonly string[],
): RawBuilder<unknown> {
  return sql`${insertRows<Name, Given>(dialect, table, rows)} ${merge(table, changes)}`;
}

/** Sets the columns of stored rows, which are found by the primary key. */
export function updateRows<Name extends AppTableName, Given extends object>(
  dialect: DialectName,
  table: Name,
  rows: readonly Part<Name, Given>[],
): RawBuilder<unknown> {
  const { key } = TABLES[table];
  const changes = namesOf(rows)
    .filter((name) => !key.some((of) => of === name))
    .map((name) => `${name} = r.${name}`);
  return sql`update ${sql.table(table)} set ${sql.raw(changes.join(', '))}
    ${fromRows<Name, Given>(dialect, table, rows)}`;
}

/** The end of an update: from the rows `r`, by the primary key. */
export function fromRows<Name extends AppTableName, Given extends object>(
  dialect: DialectName,
  table: Name,
  rows: readonly Part<Name, Given>[],
): RawBuilder<unknown> {
  const same = TABLES[table].key.map((name) => `${table}.${name} = r.${name}`).join(' and ');
  return sql`from ${jsonRows<Name, Given>(dialect, table, rows)} as r
    where ${sql.raw(same)}${ofApps(dialect, table, rows)}`;
}

/** Deletes the rows whose count fell to 0. */
export async function deleteEmpty<Name extends 'counts' | 'signature_versions' | 'signature_instances'>(
  dialect: DialectName,
  transaction: WriteTransaction,
  table: Name,
  rows: readonly Part<Name, { n: number }>[],
): Promise<void> {
  const fewer = rows.filter(({ n }) => n < 0);
  if (fewer.length === 0) return;
  const among = isAmong(dialect, table, fewer, TABLES[table].key);
  await sql`delete from ${sql.table(table)} where n <= 0 and ${among}`.execute(transaction);
}

/** What to do with rows that are stored already. */
export function merge(table: TableName, changes: readonly string[]): RawBuilder<unknown> {
  return sql`on conflict (${keyOfTable(table)}) do update set ${sql.raw(changes.join(', '))}`;
}

const keyOfTable = (table: TableName): RawBuilder<unknown> => sql.raw(TABLES[table].key.join(', '));

export const earliest = (name: string): string =>
  `${name} = case when excluded.${name} < t.${name} then excluded.${name} else t.${name} end`;

export const latest = (name: string): string =>
  `${name} = case when t.${name} is null or excluded.${name} > t.${name} then excluded.${name} else t.${name} end`;

export const plus = (name: string): string => `${name} = t.${name} + excluded.${name}`;
