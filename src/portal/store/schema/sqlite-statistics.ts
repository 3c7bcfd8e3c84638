/**
 * Fixed table sizes for SQLite's query planner (sqlite.org/fileformat2.html#stat1tab). Without them, it assumes that an
 * app has few crashes, and reads all of them instead of using an index; the results of ANALYZE would depend on when it
 * runs. Each entry: rows of the table or index, then rows per value of its first column, of its first two, and so on.
 */
const STATISTICS: readonly (readonly [table: string, index: string, sizes: string])[] = [
  ['crashes', 'crashes', '1000000 100000 2 1'],
  ['crashes', 'crashes_by_uid', '1000000 100000 1'],
  ['crashes', 'crashes_by_signature', '1000000 100000 500 1'],
  ['crashes', 'crashes_by_instance', '1000000 100000 200 1'],
  ['crashes', 'crashes_by_version', '1000000 100000 5000 1'],
  ['crashes', 'crashes_by_kind', '1000000 100000 20000 2'],
  ['crashes', 'crashes_with_report', '200000 20000 2'],
  ['crashes', 'crashes_without_report', '200000 20000 2'],
  ['crashes', 'crashes_reported_by_signature', '200000 20000 100 2'],
  ['aliases', 'aliases', '100000 10000 1'],
  ['aliases', 'aliases_by_signature', '100000 10000 2'],
];

export const sqliteStatistics: readonly string[] = [
  // Makes the table of statistics; there are no rows to count yet.
  'analyze crashes',
  ...STATISTICS.map(
    ([table, index, sizes]) =>
      `insert into sqlite_stat1 (tbl, idx, stat) values ('${table}', '${index}', '${sizes}')`,
  ),
  'analyze sqlite_schema',
];
