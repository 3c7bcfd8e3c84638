import { statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres, type TestDatabase } from '../../test/support/portal/database.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { SeedPlace } from './portal-seed.ts';

export const DIALECTS = ['SQLite', 'PostgreSQL'] as const;
export type Dialect = (typeof DIALECTS)[number];

export type PortalPlaces = AsyncDisposable & {
  /** The CLI of the npm package, built for this run. */
  readonly cli: readonly string[];
  /** An empty database; PostgreSQL runs on this machine and waits for the disk, as it does by default. */
  fresh(dialect: Dialect): Promise<SeedPlace>;
};

/** What the portal's measurements need, in a directory that disposal removes. */
export async function makePlaces(packageCli: () => Promise<readonly string[]>): Promise<PortalPlaces> {
  const cli = await packageCli();
  await using stack = new AsyncDisposableStack();
  const workspace = stack.use(await makeWorkspace());
  const state: { postgres: TestDatabase | null } = { postgres: null };
  let made = 0;
  const whole = stack.move();
  return {
    cli,
    async fresh(dialect) {
      const dataDir = join(workspace.path, `data-${++made}`);
      if (dialect === 'SQLite') return { dataDir, databaseUrl: null };
      state.postgres ??= whole.use(await startPostgres());
      return { dataDir, databaseUrl: await state.postgres.fresh() };
    },
    [Symbol.asyncDispose]: () => whole[Symbol.asyncDispose](),
  };
}

/** Of a database that no portal has open. */
export async function bytesOnDisk({ dataDir, databaseUrl }: SeedPlace): Promise<number> {
  if (databaseUrl === null) return statSync(join(dataDir, 'portal.db')).size;
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query('select pg_database_size(current_database()) as bytes');
    return Number(rows[0].bytes);
  } finally {
    await client.end();
  }
}
