/** In `npm run test:all`: every row of a matrix on every column. */
export const IS_COMPLETE: boolean = process.env.CRASHMON_TEST_MATRIX === 'all';

export type Cell<Row, Column> = readonly [Row, Column];

/** The cells that are tested: in the suite a covering set, in `npm run test:all` all that are possible. */
export function matrix<Row, Column>(
  rows: readonly Row[],
  columns: readonly Column[],
  isPossible: (row: Row, column: Column) => boolean = () => true,
): readonly Cell<Row, Column>[] {
  return IS_COMPLETE ? allCells(rows, columns, isPossible) : coveringCells(rows, columns, isPossible);
}

/** The rows of a table: in the suite without those whose parts other rows have. */
export function tested<Row extends { isRepeated?: boolean }>(rows: readonly Row[]): readonly Row[] {
  return IS_COMPLETE ? rows : rows.filter(({ isRepeated }) => isRepeated !== true);
}

/**
 * For tests of which each is on one column in the suite, the next time on the next column; on all in `npm run test:all`.
 * @returns the columns of one test
 */
export function inTurn<Column>(columns: readonly Column[]): () => readonly Column[] {
  let next = 0;
  return () => (IS_COMPLETE ? columns : columns.slice(next++ % columns.length).slice(0, 1));
}

export function allCells<Row, Column>(
  rows: readonly Row[],
  columns: readonly Column[],
  isPossible: (row: Row, column: Column) => boolean = () => true,
): readonly Cell<Row, Column>[] {
  return rows.flatMap((row) =>
    columns.filter((column) => isPossible(row, column)).map((column) => [row, column] as const),
  );
}

/**
 * Each row once, on the column that has the fewest so far, and each column at least once. A row without a possible
 * column is an error: it would be skipped silently.
 */
export function coveringCells<Row, Column>(
  rows: readonly Row[],
  columns: readonly Column[],
  isPossible: (row: Row, column: Column) => boolean,
): readonly Cell<Row, Column>[] {
  const counts = new Map(columns.map((column) => [column, 0]));
  const countOf = (column: Column) => counts.get(column) ?? 0;
  const cells = rows.map((row): Cell<Row, Column> => {
    const [first, ...others] = columns.filter((column) => isPossible(row, column));
    if (first === undefined) throw new Error(`matrix: no column for ${JSON.stringify(row)}`);
    const column = others.reduce((best, other) => (countOf(other) < countOf(best) ? other : best), first);
    counts.set(column, countOf(column) + 1);
    return [row, column];
  });
  for (const column of columns.filter((column) => countOf(column) === 0)) {
    const row = rows.find((row) => isPossible(row, column));
    if (row !== undefined) cells.push([row, column]);
  }
  return cells;
}
