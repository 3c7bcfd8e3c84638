import type { DialectName, WriteTransaction } from '../database/database.ts';

/** What the steps of one batch share. */
export type WriteContext = {
  readonly dialect: DialectName;
  readonly transaction: WriteTransaction;
  /** Names of the apps of the batch, by number. */
  readonly apps: ReadonlyMap<number, string>;
  readonly nowMs: number;
};
