import type { SQLInputValue } from 'node:sqlite';

export type SqliteThreadSettings = {
  path: string;
  readOnly: boolean;
  busyTimeoutMs: number;
  /** null: as large as the disk allows. */
  maxPages: number | null;
};

/** `sql` null: close the database and end. */
export type SqliteRequest = { id: number; sql: string | null; parameters: readonly SQLInputValue[] };

export type SqliteAnswer =
  | { id: number; rows: unknown[]; changes: number }
  | { id: number; failure: { text: string; code: number | null } };

/** An error of SQLite, with its extended result code if there is one. */
export class SqliteFailure extends Error {
  readonly errcode: number | null;

  constructor(text: string, errcode: number | null) {
    super(text);
    this.name = 'SqliteFailure';
    this.errcode = errcode;
  }
}
