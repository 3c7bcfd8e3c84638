import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { SqliteConnection } from './sqlite-connection.ts';
import type { SqliteThreadSettings } from './sqlite-messages.ts';

class SqliteReaderAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** Spreads statements over its connections; a broken connection is replaced at the next use. */
class SqliteThreadDriver implements Driver {
  readonly #settings: SqliteThreadSettings;
  readonly #most: number;
  #connections: SqliteConnection[] = [];

  constructor(settings: SqliteThreadSettings, most: number) {
    this.#settings = settings;
    this.#most = most;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#connections = this.#connections.filter(({ usable }) => usable);
    const idlest = this.#connections.toSorted((a, b) => a.load - b.load)[0];
    if (idlest !== undefined && (idlest.load === 0 || this.#connections.length >= this.#most)) return idlest;
    const started = new SqliteConnection(this.#settings);
    this.#connections.push(started);
    return started;
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // Immediate: two writers that both begin with a read could deadlock.
    const begin = this.#settings.readOnly ? 'begin' : 'begin immediate';
    await connection.executeQuery(CompiledQuery.raw(begin));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await connection.executeQuery(CompiledQuery.raw('rollback'));
    } catch (error) {
      // On a full disk, SQLite rolls back by itself: then its first error is the one to report.
      if (!(error instanceof Error && /no transaction is active/.test(error.message))) throw error;
    }
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }
}

/** SQLite in threads: one for a writer, several for readers. */
export function sqliteDialect(settings: SqliteThreadSettings, threads: number): Dialect {
  return {
    createDriver: () => new SqliteThreadDriver(settings, threads),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => (settings.readOnly ? new SqliteReaderAdapter() : new SqliteAdapter()),
    createIntrospector: (database) => new SqliteIntrospector(database),
  };
}
