// Runs in a worker thread: reads requests that are too large for the portal's event loop.
import { parentPort } from 'node:worker_threads';
import { readRecords } from './read-records.ts';
import type { ReaderAnswer, ReaderMore, ReaderRequest } from './reader-messages.ts';
import { Refusal } from './refusal.ts';

const RECORDS_AT_ONCE = 100;

const port = parentPort;
if (port === null) throw new Error('reader-thread is loaded as a worker thread only');
const post = (answer: ReaderAnswer) => port.postMessage(answer);

let more = () => {};
/** Settles when the other side has received the part. */
const isTaken = () =>
  new Promise<void>((resolve) => {
    more = resolve;
  });

port.on('message', (message: ReaderRequest | ReaderMore) => {
  if (message === 'more') more();
  else void read(message);
});

async function read({ body, ...job }: ReaderRequest): Promise<void> {
  try {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const { sorted, count } = await readRecords({ ...job, body: bytes });
    for (let from = 0; from < sorted.sent.length; from += RECORDS_AT_ONCE) {
      post({ sent: sorted.sent.slice(from, from + RECORDS_AT_ONCE) });
      await isTaken();
    }
    post({ read: { sorted: { ...sorted, sent: [] }, count } });
  } catch (error) {
    if (error instanceof Refusal) {
      post({ refused: { status: error.status, message: error.message } });
    } else post({ failed: error instanceof Error ? (error.stack ?? error.message) : 'unknown error' });
  }
}
