import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import pg from 'pg';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { Tables } from '../schema/tables.ts';
import { CrashPartitions } from './crash-partitions.ts';
import { type Database, PORTAL_NAME } from './database.ts';
import { hostUrls } from './postgres-hosts.ts';
import { primaryPool } from './primary-pool.ts';

const READERS = 6;
/** One stores batches; the others are for signing in and settings. */
const WRITERS = 3;
const CONNECT_WITHIN_MS = 5_000;
const WITHIN_MS = { read: 15_000, write: 30_000 };

const BIGINT = 20;

/** PostgreSQL's bigint as a number: times and counts stay below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (id: number, format?: 'text' | 'binary') =>
    id === BIGINT ? (text: string) => Number(text) : pg.types.getTypeParser(id, format ?? 'text'),
};

/** Connects at the first query. @throws CrashmonError DATABASE_UNUSABLE for an invalid URL */
export function openPostgres(databaseUrl: string, within: typeof WITHIN_MS = WITHIN_MS): Database {
  const shownName = shownUrl(databaseUrl);
  const appIds = new Map<string, number>();
  let breaks = 0;
  const onLost = () => {
    breaks++;
    appIds.clear();
    partitions.forget();
  };
  const pool = (most: number, withinMs: number): PostgresPool => {
    const options = {
      application_name: PORTAL_NAME,
      max: most,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      statement_timeout: withinMs,
      // The server may disappear without closing the connection.
      query_timeout: withinMs + CONNECT_WITHIN_MS,
      idle_in_transaction_session_timeout: within.write,
      keepAlive: true,
      // All statements are short: compiling them or starting parallel workers would take longer than running them.
      options: '-c jit=off -c max_parallel_workers_per_gather=0',
      types,
    };
    return primaryPool(hostUrls(databaseUrl) ?? [], options, onLost);
  };
  const reader = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: pool(READERS, within.read) }),
  });
  const writer = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: pool(WRITERS, within.write) }),
  });
  const partitions = new CrashPartitions(writer);
  return {
    dialect: 'postgres',
    reader,
    writer,
    shownName,
    appIds,
    breaks: () => breaks,
    prepareFor: (fromMs, toMs) => partitions.makeFor(fromMs, toMs),
    dropBefore: (beforeMs) => partitions.dropOneBefore(beforeMs),
    async close() {
      await Promise.all([reader.destroy(), writer.destroy()]);
    },
  };
}

/** One connection without time limits, for what takes long: copying all rows. It must be destroyed. */
export function openAdmin(databaseUrl: string): Kysely<Tables> {
  const options = { application_name: 'crashmon set-up', max: 1, connectionTimeoutMillis: CONNECT_WITHIN_MS };
  const pool = primaryPool(hostUrls(databaseUrl) ?? [], { ...options, keepAlive: true, types }, () => {});
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** Without user, password and options. */
function shownUrl(databaseUrl: string): string {
  const urls = (hostUrls(databaseUrl) ?? []).map((url) => new URL(url));
  const [first] = urls;
  if (first !== undefined) return `postgres://${urls.map(({ host }) => host).join()}${first.pathname}`;
  // Never quoted: it may contain a password.
  throw new CrashmonError(
    'DATABASE_UNUSABLE',
    'Invalid database URL: expected postgres://user:password@host:5432/name.',
  );
}
