import type { Kysely, Transaction } from 'kysely';
import type { Tables } from '../schema/tables.ts';

export type DialectName = 'sqlite' | 'postgres';

/** Reading has its own connections, so that no page waits for ingest. */
export type Database = {
  readonly dialect: DialectName;
  readonly reader: Kysely<Tables>;
  readonly writer: Kysely<Tables>;
  /** Cached numbers of apps: an app keeps its number forever. */
  readonly appIds: Map<string, number>;
  /** Makes the partitions for crashes between these times, if the dialect has partitions; cheap if they exist. */
  prepareFor(fromMs: number, toMs: number): Promise<void>;
  /** Drops a partition that ends before this time. @returns was there one? */
  dropBefore(beforeMs: number): Promise<boolean>;
  /** Name of the database in messages, without user and password. */
  readonly shownName: string;
  /** SQLite: also moves its log into the database. */
  close(): Promise<void>;
};

export type WriteTransaction = Transaction<Tables>;
