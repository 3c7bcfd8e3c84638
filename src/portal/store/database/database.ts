import type { Kysely, Transaction } from 'kysely';
import type { Tables } from '../schema/tables.ts';

export type DialectName = 'sqlite' | 'postgres';

/** What every query runs on: connections of their own for reading, so that no page waits for ingest. */
export type Database = {
  readonly dialect: DialectName;
  readonly reader: Kysely<Tables>;
  readonly writer: Kysely<Tables>;
  /** Numbers of apps that were met: an app keeps its number for ever. */
  readonly appIds: Map<string, number>;
  /** Makes place for crashes between these times where the dialect needs that; cheap when there is. */
  prepareFor(fromMs: number, toMs: number): Promise<void>;
  /** Deletes whole places that end before this time; false where the dialect has none. */
  dropBefore(beforeMs: number): Promise<boolean>;
  /** Name of the database as it may be shown: never a password. */
  readonly shownName: string;
  /** Frees what only an idle moment allows (SQLite's log). */
  close(): Promise<void>;
};

export type WriteTransaction = Transaction<Tables>;
