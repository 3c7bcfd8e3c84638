import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { openDatabase } from '../../../src/portal/store/open-database.ts';
import type { Column } from '../../../src/portal/store/schema/column.ts';
import { migrate } from '../../../src/portal/store/schema/migrate.ts';
import { TABLES } from '../../../src/portal/store/schema/tables.ts';
import { onBothDatabases } from '../../support/portal/on-both-databases.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const TYPES: Readonly<Record<string, Column<unknown>['type']>> = {
  text: 'text',
  integer: 'int',
  bigint: 'int',
  smallint: 'flag',
  blob: 'bytes',
  bytea: 'bytes',
};

type Found = { table: string; name: string; type: string; required: number; position: number };

const ON_SQLITE = sql<Found>`select m.name as "table", c.name as name, lower(c.type) as type,
    max(c."notnull", c.pk > 0) as required, c.pk as position
  from sqlite_schema as m join pragma_table_info(m.name) as c where m.type = 'table'`;
const ON_POSTGRES = sql<Found>`select c.table_name as "table", c.column_name as name, c.data_type as type,
    case when c.is_nullable = 'NO' then 1 else 0 end as required, coalesce(k.ordinal_position, 0)::int as position
  from information_schema.columns as c
  left join information_schema.table_constraints as t on t.table_schema = c.table_schema
    and t.table_name = c.table_name and t.constraint_type = 'PRIMARY KEY'
  left join information_schema.key_column_usage as k on k.constraint_schema = t.constraint_schema
    and k.constraint_name = t.constraint_name and k.column_name = c.column_name
  where c.table_schema = 'public'`;

onBothDatabases((fresh, dialect) => {
  test('the migrations make the tables that are described', async () => {
    await using directory = await temporaryDirectory('schema');
    const settings = { databaseUrl: await fresh(), dataDir: directory.path, retentionDays: 30 };
    const database = await openDatabase(settings);
    try {
      await migrate(dialect, database.writer, database.shownName);
      const query = dialect === 'sqlite' ? ON_SQLITE : ON_POSTGRES;
      const { rows } = await query.execute(database.reader);
      for (const [table, { key, columns }] of Object.entries(TABLES)) {
        const found = rows.filter((row) => row.table === table);
        const made = found.map(({ name, type, required }) => [name, TYPES[type], required === 0]);
        const described = Object.entries<Column<unknown>>(columns).map(([name, { type, nullable }]) => [
          ...[name, type === 'counter' ? 'int' : type, nullable],
        ]);
        assert.deepEqual(made.toSorted(), described.toSorted(), table);
        const madeKey = found
          .filter(({ position }) => position > 0)
          .toSorted((a, b) => a.position - b.position);
        assert.deepEqual(
          madeKey.map(({ name }) => name),
          key,
          table,
        );
      }
      const tables = new Set(
        rows.map(({ table }) => table).filter((name) => !/^(sqlite_|crashes_from_)/.test(name)),
      );
      assert.deepEqual([...tables].toSorted(), [...Object.keys(TABLES), 'schema_version'].toSorted());
    } finally {
      await database.close();
    }
  });
});
