import { DatabaseSync, type StatementSync } from 'node:sqlite';

/**
 * Keeps the statements that it has prepared, which are few: preparing one takes as long as running it, and a restart
 * waits for a dozen. The text must not contain values.
 */
export class PreparedDatabase extends DatabaseSync {
  readonly #statements = new Map<string, StatementSync>();

  /** Statements keep their database, and it would keep them: neither would ever be collected. */
  override close(): void {
    this.forget();
    super.close();
  }

  /** Those that were prepared until now will hardly be used again: each takes some kilobytes. */
  forget(): void {
    this.#statements.clear();
  }

  override prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = super.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
