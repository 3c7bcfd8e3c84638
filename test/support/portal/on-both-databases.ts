import { after, before, describe } from 'node:test';
import { startPostgres, type TestDatabase } from './database.ts';

/** @returns `postgres://…` of an empty database, or null for SQLite */
export type FreshDatabase = () => Promise<string | null>;

/** The same tests over SQLite and over a PostgreSQL of their own. */
export function onBothDatabases(
  define: (fresh: FreshDatabase, dialect: 'sqlite' | 'postgres') => void,
): void {
  describe('sqlite', () => define(async () => null, 'sqlite'));
  describe('postgres', () => {
    let postgres: TestDatabase;
    before(async () => {
      postgres = await startPostgres();
    });
    after(() => postgres?.[Symbol.asyncDispose]());
    define(() => postgres.fresh(), 'postgres');
  });
}
