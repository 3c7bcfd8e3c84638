import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { TestDatabase } from '../portal/database.ts';
import { joined } from './stored-bytes.ts';

/** Where something is in the write-ahead log: in which segment, and how many bytes from its start. */
type WalPlace = { segment: string; offset: number };

/**
 * Its log has all statements from now on, with the values of their parameters, which is more than by default.
 * @returns what is now the end of the write-ahead log
 */
export async function logStatements(url: string): Promise<WalPlace> {
  return await connected(url, async (client) => {
    await client.query("alter system set log_statement = 'all'");
    await client.query('select pg_reload_conf()');
    const { rows } = await client.query(
      'select file_name as segment, file_offset as "offset" from pg_walfile_name_offset(pg_current_wal_lsn())',
    );
    return rows[0] as WalPlace;
  });
}

export const POSTGRES_HAS = ['rows', 'files', 'write-ahead log', 'dump', 'log'].map(
  (what) => `PostgreSQL: ${what}`,
);

/** All that a PostgreSQL server has of a database. @param from where its write-ahead log begins to be of interest */
export async function postgresBytes(
  url: string,
  server: TestDatabase,
  from: WalPlace,
): Promise<Record<string, Buffer[]>> {
  const [rows, files] = await connected(url, async (client) => {
    const all = await valuesOf(client);
    // Also what planners and clean-up have made of it.
    await client.query('vacuum analyze');
    await client.query('checkpoint');
    return [all, await filesOf(client)] as const;
  });
  const read = (file: string) => readFileSync(path.join(server.data, file));
  const segments = readdirSync(path.join(server.data, 'pg_wal'))
    .filter((name) => /^[0-9A-F]{24}$/.test(name) && name >= from.segment)
    .map((name) => ({ name, bytes: withoutZeros(read(path.join('pg_wal', name))) }));
  // The server waits for the reader of its log, which is this process.
  const { stdout: dump } = await promisify(execFile)('pg_dump', ['--dbname', url], { maxBuffer: 2 ** 30 });
  const found = [
    rows,
    // Tables, what is stored apart of them (TOAST), indexes and statistics.
    files.filter((file) => existsSync(path.join(server.data, file))).map(read),
    segments.map(({ name, bytes }) => (name === from.segment ? bytes.subarray(from.offset) : bytes)),
    [Buffer.from(dump)],
    [Buffer.from(server.log())],
  ];
  return Object.fromEntries(POSTGRES_HAS.map((what, at) => [what, found[at] ?? []]));
}

async function connected<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function valuesOf(client: pg.Client): Promise<Buffer[]> {
  const { rows: tables } = await client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
  const all: Buffer[] = [];
  for (const { tablename } of tables) {
    const { rows } = await client.query({ text: `SELECT * FROM "${tablename}"`, rowMode: 'array' });
    for (const row of rows) all.push(joined(row));
  }
  return all;
}

/** Of each relation that is not the server's own, and of the statistics. */
async function filesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(`
    select pg_relation_filepath(c.oid) as file from pg_class c left join pg_class owner on owner.reltoastrelid = c.oid
    where c.oid >= 16384 or c.relname = 'pg_statistic' or owner.relname = 'pg_statistic'`);
  return rows.map(({ file }) => file).filter((file) => file !== null);
}

/** A segment is as long before it is full. */
function withoutZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}
