import { type DecodeLimits, decodeRequest, type WireFormat } from './decode-request.ts';
import { type KeptTimes, type SortedRecords, sortRecords } from './sort-records.ts';

export type ReadJob = {
  body: Buffer;
  format: WireFormat;
  /** Of the token. */
  app: string;
  times: KeptTimes;
  limits: DecodeLimits;
};

export type ReadRecords = {
  sorted: SortedRecords;
  /** All that were sent. */
  count: number;
};

/** @throws Refusal */
export async function readRecords({ body, format, app, times, limits }: ReadJob): Promise<ReadRecords> {
  const resources = decodeRequest(body, format, limits);
  const count = resources.reduce((sum, { records }) => sum + records.length, 0);
  return { sorted: await sortRecords(resources, app, times), count };
}
