import { type RawBuilder, sql } from 'kysely';
import type { AppTableName } from '../schema/app-tables.ts';
import type { DialectName } from './database.ts';
import { jsonRows, namesOf, type Part } from './json-rows.ts';

/** At least one row of stored ones: its app is `app_id`. */
type OfApp = { readonly app_id?: unknown };

/**
 * ` and table.app_id in (…)`: says in the statement itself which apps the rows are of, since Citus cannot find its node by
 * what a parameter contains. SQLite would plan another way.
 */
export function ofApps(dialect: DialectName, alias: string, rows: readonly OfApp[]): RawBuilder<unknown> {
  if (dialect === 'sqlite') return sql``;
  return sql` and ${sql.ref(`${alias}.app_id`)} in (${sql.join([...new Set(rows.map(({ app_id }) => app_id))])})`;
}

/** The app of rows that are all of one. */
export function onlyApp(rows: readonly OfApp[]): unknown {
  const [app, ...others] = new Set(rows.map(({ app_id }) => app_id));
  if (app === undefined || others.length > 0) throw new Error('rows of one app are expected');
  return app;
}

/** `from` the stored rows, `alias`, whose columns equal those of the rows. */
export function joinStored<Name extends AppTableName, Given extends object>(
  dialect: DialectName,
  table: Name,
  alias: string,
  rows: readonly Part<Name, Given>[],
): RawBuilder<unknown> {
  const same = namesOf(rows).map((name) => `${alias}.${name} = r.${name}`);
  return sql`from ${jsonRows<Name, Given>(dialect, table, rows)} as r
    join ${sql.table(table)} as ${sql.ref(alias)} on ${sql.raw(same.join(' and '))}${ofApps(dialect, alias, rows)}`;
}

/** Condition: these columns of a stored row, all that are given by default, equal those of one of the rows. */
export function isAmong<Name extends AppTableName, Given extends object>(
  dialect: DialectName,
  table: Name,
  rows: readonly Part<Name, Given>[],
  names: readonly string[] = namesOf(rows),
): RawBuilder<unknown> {
  return sql`(${sql.raw(names.join(', '))}) in
    (select ${sql.raw(names.map((name) => `r.${name}`).join(', '))}
      from ${jsonRows<Name, Given>(dialect, table, rows)} as r)${ofApps(dialect, table, rows)}`;
}
