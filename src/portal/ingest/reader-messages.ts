import type { SentRecord } from '../../model/telemetry.ts';
import type { ReadJob, ReadRecords } from './read-records.ts';
import type { RefusalStatus } from './refusal.ts';

export type ReaderRequest = Omit<ReadJob, 'body'> & { body: Uint8Array };

/** Requests the next part. */
export type ReaderMore = 'more';

/** Records are sent in parts on request, so that receiving one is short; the result follows. */
export type ReaderAnswer =
  | { sent: SentRecord[] }
  | { read: ReadRecords }
  | { refused: { status: RefusalStatus; message: string } }
  | { failed: string };
