// Runs in a worker thread: one connection to SQLite, so that no statement blocks the portal's event loop.
import { statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { SqliteAnswer, SqliteRequest, SqliteThreadSettings } from './sqlite-messages.ts';

const KEPT_STATEMENTS = 100;
/** Small: the kernel caches the file's pages as well, and can free them. */
const PAGE_CACHE_KIB = { writer: 4 * 1024, reader: 3 * 1024 };

const settings: SqliteThreadSettings = workerData;
const port = parentPort;
if (port === null) throw new Error('sqlite-thread is loaded as a worker thread only');

const statements = new Map<string, { statement: StatementSync; returnsRows: boolean }>();
let database: DatabaseSync | null = null;
let inode = 0n;

port.on('message', (request: SqliteRequest) => {
  port.postMessage(answer(request));
  if (request.sql === null) port.close();
});

function answer(request: SqliteRequest): SqliteAnswer {
  try {
    if (request.sql === null) {
      database?.close();
      return { id: request.id, rows: [], changes: 0 };
    }
    return { id: request.id, ...execute(request.sql, request.parameters) };
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : null;
    const text = error instanceof Error ? error.message : 'unknown error';
    return { id: request.id, failure: { text, code: typeof code === 'number' ? code : null } };
  }
}

function execute(sql: string, parameters: readonly SQLInputValue[]): { rows: unknown[]; changes: number } {
  database ??= open();
  if (sql.startsWith('begin')) refuseRemoved();
  const { statement, returnsRows } = prepared(database, sql);
  if (returnsRows) return { rows: statement.all(...parameters), changes: 0 };
  return { rows: [], changes: Number(statement.run(...parameters).changes) };
}

function open(): DatabaseSync {
  const opened = new DatabaseSync(settings.path, { readOnly: settings.readOnly });
  try {
    opened.exec(`pragma busy_timeout = ${settings.busyTimeoutMs}`);
    if (!settings.readOnly) {
      opened.exec('pragma journal_mode = wal');
      // The response to a sender means that the records are on disk.
      opened.exec('pragma synchronous = full');
      opened.exec('pragma journal_size_limit = 67108864');
      if (settings.maxPages !== null) opened.exec(`pragma max_page_count = ${settings.maxPages}`);
    }
    opened.exec(`pragma cache_size = -${PAGE_CACHE_KIB[settings.readOnly ? 'reader' : 'writer']}`);
    opened.exec('pragma temp_store = memory');
    inode = statSync(settings.path, { bigint: true }).ino;
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** SQLite continues writing to a removed file, and everything would seem to be stored. */
function refuseRemoved(): void {
  const now = statSync(settings.path, { bigint: true, throwIfNoEntry: false });
  if (now?.ino !== inode) throw new Error('the database file was removed or replaced');
}

function prepared(open: DatabaseSync, sql: string): { statement: StatementSync; returnsRows: boolean } {
  const known = statements.get(sql);
  if (known !== undefined) {
    // Moved to the end: the least recently used one is at the front.
    statements.delete(sql);
    statements.set(sql, known);
    return known;
  }
  const statement = open.prepare(sql);
  const made = { statement, returnsRows: statement.columns().length > 0 };
  statements.set(sql, made);
  const [oldest] = statements.keys();
  if (statements.size > KEPT_STATEMENTS && oldest !== undefined) statements.delete(oldest);
  return made;
}
