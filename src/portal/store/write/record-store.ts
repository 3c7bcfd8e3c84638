import type { SentRecord } from '../../../model/telemetry.ts';

/** How many crashes of one call are new; all of them are durable. */
export type Stored = { crashes: number; duplicates: number };

export type RecordStore = {
  /** Durable when it settles; records of several calls share transactions. Sending them again is harmless. */
  write(records: readonly SentRecord[]): Promise<Stored>;
};
