import type { GeneratedAlways } from 'kysely';

/** `int` is a number of any width, `flag` is 1 (yes) or 0 (no), `counter` is a number that the database counts up. */
type ColumnType = 'text' | 'int' | 'flag' | 'counter' | 'bytes';

export type Column<Value> = {
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** Never set: carries the type of the values. */
  readonly value?: Value;
};

export const text = <Text extends string = string>(): Column<Text> => ({ type: 'text', nullable: false });
export const int = (): Column<number> => ({ type: 'int', nullable: false });
export const flag = (): Column<number> => ({ type: 'flag', nullable: false });
export const counter = (): Column<GeneratedAlways<number>> => ({ type: 'counter', nullable: false });
export const bytes = (): Column<Uint8Array> => ({ type: 'bytes', nullable: false });
export const nullable = <Value>(column: Column<Value>): Column<Value | null> => ({
  ...column,
  nullable: true,
});

type Columns = Readonly<Record<string, Column<unknown>>>;

/** Type of a table for Kysely. */
export type RowOf<Of extends Columns> = {
  [Name in keyof Of]: Of[Name] extends Column<infer Value> ? Value : never;
};

export type Table<Of extends Columns = Columns> = { readonly key: readonly string[]; readonly columns: Of };

/** @param key its primary key, in the order of the index */
export const table = <Of extends Columns>(key: readonly (keyof Of & string)[], columns: Of): Table<Of> => ({
  key,
  columns,
});
