import { type RawBuilder, sql } from 'kysely';
import type { Column } from '../schema/column.ts';
import { type Row, TABLES, type TableName } from '../schema/tables.ts';
import type { DialectName } from './database.ts';

export type Cell = string | number | null;

/** Some columns of a table and no others. All rows of a list have the same ones. */
export type Part<Name extends TableName, Given> = Given &
  Partial<Row<Name>> &
  Record<Exclude<keyof Given, keyof Row<Name>>, never>;

/**
 * Any number of rows, at least one, as one parameter, to be used as a table: `from ${jsonRows(…)} as r`. The statement
 * does not depend on the number of rows, so it is prepared once.
 */
export function jsonRows<Name extends TableName, Given extends object>(
  dialect: DialectName,
  table: Name,
  rows: readonly Part<Name, Given>[],
): RawBuilder<unknown> {
  const columns: Readonly<Record<string, Column<unknown>>> = TABLES[table].columns;
  const names = namesOf(rows);
  const cells = names.map((name, index) =>
    // Old backups may have columns that are gone by now.
    (columns[name]?.type ?? 'text') === 'text'
      ? `value->>${index} as ${name}`
      : `cast(value->>${index} as bigint) as ${name}`,
  );
  const json = storableJson(rows.map((row) => names.map((name) => row[name as keyof typeof row] as Cell)));
  const source = dialect === 'sqlite' ? sql`json_each(${json})` : sql`jsonb_array_elements(${json}::jsonb)`;
  return sql`(select ${sql.raw(cells.join(', '))} from ${source})`;
}

/** The columns of a list of rows. */
export function namesOf(rows: readonly object[]): string[] {
  const [first] = rows;
  if (first === undefined) throw new Error('no rows');
  return Object.keys(first);
}

/** Escapes that PostgreSQL refuses: the character 0, and halves of surrogate pairs. */
const PERHAPS_UNSTORABLE = /\\u(?:0000|d[89a-f])/;

function storableJson(rows: readonly (readonly Cell[])[]): string {
  const json = JSON.stringify(rows);
  if (!PERHAPS_UNSTORABLE.test(json)) return json;
  return JSON.stringify(
    rows.map((row) => row.map((cell) => (typeof cell === 'string' ? storableText(cell) : cell))),
  );
}

/** Text that both dialects can store: well-formed, and without the character 0. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
