import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { DialectName } from '../../../src/portal/store/database/database.ts';
import { useCitus } from './citus.ts';
import { startPostgres } from './database.ts';
import { recordStatements, withoutApp } from './statements.ts';

/** @returns `postgres://…` of an empty database, or null for SQLite */
export type FreshDatabase = () => Promise<string | null>;

type Databases = AsyncDisposable & { fresh(): Promise<string> };

/**
 * The same tests over SQLite and over a PostgreSQL of their own, whose statements are checked; over Citus as well if CRASHMON_TEST_CITUS is the
 * `postgres://…` of a coordinator.
 */
export function onBothDatabases(define: (fresh: FreshDatabase, dialect: DialectName) => void): void {
  describe('sqlite', () => define(async () => null, 'sqlite'));
  over('postgres', startPostgres, define);
  const citus = process.env.CRASHMON_TEST_CITUS;
  if (citus) over('citus', () => useCitus(citus), define);
}

function over(
  dialect: DialectName,
  start: () => Promise<Databases>,
  define: (fresh: FreshDatabase, dialect: DialectName) => void,
): void {
  describe(dialect, () => {
    let databases: Databases;
    let recorded: ReturnType<typeof recordStatements>;
    before(async () => {
      recorded = recordStatements();
      databases = await start();
    });
    after(async () => {
      recorded.stop();
      await databases?.[Symbol.asyncDispose]();
      assert.deepEqual(withoutApp(recorded.statements, dialect === 'citus'), [], 'see FAN_OUTS');
    });
    define(() => databases.fresh(), dialect);
  });
}
