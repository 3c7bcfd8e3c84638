import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';

/** Every file below a directory as it is, and every value in the SQLite databases among them; of big values the pages are apart. */
export function storedBytes(directory: string, isWanted: (name: string) => boolean = () => true): Buffer[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => path.join(parentPath, name))
    .filter((file) => isWanted(path.relative(directory, file)));
  return files.flatMap((file) => {
    const bytes = readFileSync(file);
    const isDatabase = bytes.subarray(0, 15).toString('latin1') === 'SQLite format 3';
    return [Buffer.from(file), bytes, ...(isDatabase ? rowsOf(file) : [])];
  });
}

function rowsOf(file: string): Buffer[] {
  using database = new DatabaseSync(file, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  return tables.flatMap(({ name }) => {
    const rows = database.prepare(`SELECT * FROM "${name}"`);
    rows.setReadBigInts(true);
    return rows.all().map((row) => joined(Object.values(row)));
  });
}

/** Every value of a PostgreSQL database. */
export async function postgresBytes(url: string): Promise<Buffer[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows: tables } = await client.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    );
    const all: Buffer[] = [];
    for (const { tablename } of tables) {
      const { rows } = await client.query({ text: `SELECT * FROM "${tablename}"`, rowMode: 'array' });
      for (const row of rows) all.push(joined(row));
    }
    return all;
  } finally {
    await client.end();
  }
}

function joined(values: readonly unknown[]): Buffer {
  return Buffer.concat(values.flatMap((value) => [bytesOf(value), Buffer.from('\n')]));
}

function bytesOf(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Buffer.from(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
