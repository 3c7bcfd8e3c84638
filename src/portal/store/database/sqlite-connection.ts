import module from 'node:module';
import { Worker } from 'node:worker_threads';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import {
  type SqliteAnswer,
  SqliteFailure,
  type SqliteRequest,
  type SqliteThreadSettings,
} from './sqlite-messages.ts';

const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './sqlite-entry.mjs' : './sqlite-thread.js',
  import.meta.url,
);
const HEAP_MB = 128;
/** Its objects live only as long as a statement. */
const YOUNG_MB = 3;

type Waiting = { resolve: (answer: QueryResult<unknown>) => void; reject: (error: Error) => void };

/** One connection to SQLite, in its own thread. It keeps the process alive only while a statement runs or it closes. */
export class SqliteConnection implements DatabaseConnection {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended: Error | null = null;
  #isClosing = false;

  constructor(settings: SqliteThreadSettings) {
    this.#worker = new Worker(ENTRY, {
      workerData: { ...settings, compileCache: module.getCompileCacheDir() },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
      // Without the portal's flags and environment: NODE_OPTIONS may contain options that threads refuse.
      execArgv: [],
      env: {},
    });
    this.#worker.unref();
    this.#worker.on('message', (answer: SqliteAnswer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', () => this.#end(new Error('the database thread ended')));
  }

  /** Statements in progress. */
  get load(): number {
    return this.#waiting.size;
  }

  get usable(): boolean {
    return this.#ended === null;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const result = await this.#ask(query.sql, query.parameters);
    // Kysely derives the type of the rows from the statement.
    return result as QueryResult<Row>;
  }

  // biome-ignore lint/correctness/useYield: the dialect has no streams
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('streams are not supported: ask page by page');
  }

  /** Waits for statements in progress. */
  async close(): Promise<void> {
    if (!this.usable) return;
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    this.#isClosing = true;
    await this.#ask(null, []);
    // Keeps the process alive until the thread has ended.
    this.#worker.ref();
    await ended;
  }

  #ask(sql: string | null, parameters: readonly unknown[]): Promise<QueryResult<unknown>> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const request = { id: ++this.#lastId, sql, parameters: parameters as SqliteRequest['parameters'] };
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(request.id, { resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  #settle(answer: SqliteAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0 && !this.#isClosing) this.#worker.unref();
    if ('failure' in answer) waiting?.reject(new SqliteFailure(answer.failure.text, answer.failure.code));
    else waiting?.resolve({ rows: answer.rows, numAffectedRows: BigInt(answer.changes) });
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
