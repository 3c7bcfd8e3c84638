import type { Kysely, Transaction } from 'kysely';
import type { Tables } from '../schema/tables.ts';

/** How the portal's connections are named in PostgreSQL. */
export const PORTAL_NAME = 'crashmon portal';

/** `citus`: PostgreSQL whose tables of apps are distributed over several nodes. */
export type DialectName = 'sqlite' | 'postgres' | 'citus';

/** Reading has its own connections, so that no page waits for ingest. */
export type Database = {
  readonly dialect: DialectName;
  readonly reader: Kysely<Tables>;
  readonly writer: Kysely<Tables>;
  /** Cached numbers of apps: an app keeps its number forever. Emptied when a connection breaks. */
  readonly appIds: Map<string, number>;
  /**
   * How many connections broke so far. After each, another server can answer, which may lack what was acknowledged: nothing
   * that was cached before is true any more.
   */
  breaks(): number;
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
