/**
 * What SQLite is to think of the sizes of tables (sqlite.org/fileformat2.html#stat1tab), once and for all. Without it,
 * it takes the crashes of one app for a handful and reads all of them where an index would find one; what it would
 * learn by ANALYZE depends on the moment. Rows of a whole table or index, then rows with one value of its first
 * column, of its first two, and so on.
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
  // Makes the table of statistics: there is nothing to be counted yet.
  'analyze crashes',
  ...STATISTICS.map(
    ([table, index, sizes]) =>
      `insert into sqlite_stat1 (tbl, idx, stat) values ('${table}', '${index}', '${sizes}')`,
  ),
  'analyze sqlite_schema',
];
