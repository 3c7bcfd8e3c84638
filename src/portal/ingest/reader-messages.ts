import type { SentRecord } from '../../model/telemetry.ts';
import type { ReadJob, ReadRecords } from './read-records.ts';
import type { RefusalStatus } from './refusal.ts';

export type ReaderRequest = Omit<ReadJob, 'body'> & { body: Uint8Array };

/** Asks for the next part. */
export type ReaderMore = 'more';

/** Records come in parts, each when it is asked for, so that taking one over is short; then what else there is to say. */
export type ReaderAnswer =
  | { sent: SentRecord[] }
  | { read: ReadRecords }
  | { refused: { status: RefusalStatus; message: string } }
  | { failed: string };
