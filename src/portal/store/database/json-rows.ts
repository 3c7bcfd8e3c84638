import { type RawBuilder, sql } from 'kysely';
import type { DialectName } from './database.ts';

export type Cell = string | number | null;
export type Columns = Readonly<Record<string, 'int' | 'text'>>;

/**
 * Any number of rows as one parameter, to be used as a table: `from ${jsonRows(…)} as r`. The statement stays the same
 * whatever the number of rows, so that it is parsed once.
 */
export function jsonRows(
  dialect: DialectName,
  columns: Columns,
  rows: readonly (readonly Cell[])[],
): RawBuilder<unknown> {
  const cells = Object.entries(columns).map(([name, type], index) =>
    type === 'int' ? `cast(value->>${index} as bigint) as ${name}` : `value->>${index} as ${name}`,
  );
  const json = storableJson(rows);
  const source = dialect === 'sqlite' ? sql`json_each(${json})` : sql`jsonb_array_elements(${json}::jsonb)`;
  return sql`(select ${sql.raw(cells.join(', '))} from ${source})`;
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
