// Runs in a worker thread: reads requests that are so large that reading them would hold up the portal's event loop.
import { parentPort } from 'node:worker_threads';
import { readRecords } from './read-records.ts';
import type { ReaderAnswer, ReaderRequest } from './reader-messages.ts';
import { Refusal } from './refusal.ts';

const RECORDS_AT_ONCE = 200;

const port = parentPort;
if (port === null) throw new Error('reader-thread is loaded as a worker thread only');
const post = (answer: ReaderAnswer) => port.postMessage(answer);

port.on('message', async ({ body, ...job }: ReaderRequest) => {
  try {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const { sorted, count } = await readRecords({ ...job, body: bytes });
    for (let from = 0; from < sorted.sent.length; from += RECORDS_AT_ONCE) {
      post({ sent: sorted.sent.slice(from, from + RECORDS_AT_ONCE) });
    }
    post({ read: { sorted: { ...sorted, sent: [] }, count } });
  } catch (error) {
    if (error instanceof Refusal) {
      post({ refused: { status: error.status, message: error.message } });
    } else post({ failed: error instanceof Error ? (error.stack ?? error.message) : 'unknown error' });
  }
});
