import type { DatabaseSync } from 'node:sqlite';

/** Runs `operation` with the write lock held: all of it is stored, or nothing, and the error is thrown. */
export function writeTransaction<Result>(database: DatabaseSync, operation: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = operation();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has rolled back on its own after some errors (a full disk); a failed ROLLBACK must not hide the reason.
    try {
      if (database.isTransaction) database.exec('ROLLBACK');
    } catch {}
    throw error;
  }
}
