import module from 'node:module';
import { Worker } from 'node:worker_threads';
import type { SentRecord } from '../../model/telemetry.ts';
import { type ReadJob, type ReadRecords, readRecords } from './read-records.ts';
import type { ReaderAnswer, ReaderMore, ReaderRequest } from './reader-messages.ts';
import { Refusal } from './refusal.ts';

const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './reader-entry.mjs' : './reader-thread.js',
  import.meta.url,
);
/** Smaller requests are read on the event loop; agents send no more at once. */
const SMALL_BYTES = 256 * 1024;
const HEAP_MB = 192;
/** More than any request within the limits needs before its first part, or between two parts. */
const MAX_MS = 30_000;
/** Then an unused thread ends, to free its memory. */
const IDLE_MS = 60_000;

/**
 * Reads requests into records. Large ones are read in a thread, one after the other. A request that exceeds the thread's
 * memory or time is refused, and the next one gets a new thread.
 */
export class RecordReader {
  #worker: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #idle: NodeJS.Timeout | null = null;

  /** @throws Refusal */
  async read(job: ReadJob): Promise<ReadRecords> {
    if (job.body.length <= SMALL_BYTES) return readRecords(job);
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#waiting++;
    const read = this.#last.then(() => this.#inThread(job));
    this.#last = read.catch(() => {});
    try {
      return await read;
    } finally {
      if (--this.#waiting === 0) this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref();
    }
  }

  #inThread({ body, ...job }: ReadJob): Promise<ReadRecords> {
    const worker = this.#worker ?? this.#start();
    const { promise, resolve, reject } = Promise.withResolvers<ReadRecords>();
    const sent: SentRecord[] = [];
    const give = () => {
      this.#end();
      reject(
        new Refusal(413, 'Reading the request takes too much memory or time. Send fewer records at once.'),
      );
    };
    const onMessage = (answer: ReaderAnswer) => {
      deadline.refresh();
      if ('sent' in answer) {
        sent.push(...answer.sent);
        setImmediate(() => worker.postMessage('more' satisfies ReaderMore));
      } else if ('read' in answer) resolve({ ...answer.read, sorted: { ...answer.read.sorted, sent } });
      else if ('refused' in answer) reject(new Refusal(answer.refused.status, answer.refused.message));
      else reject(new Error(answer.failed));
    };
    const deadline = setTimeout(give, MAX_MS);
    worker.on('message', onMessage).on('error', give).on('exit', give);
    // A copy that can be transferred: Node shares the memory of small buffers.
    const bytes = new Uint8Array(body);
    const request: ReaderRequest = { ...job, body: bytes };
    worker.postMessage(request, [bytes.buffer]);
    return promise.finally(() => {
      clearTimeout(deadline);
      worker.off('message', onMessage).off('error', give).off('exit', give);
    });
  }

  #start(): Worker {
    const worker = new Worker(ENTRY, {
      workerData: { compileCache: module.getCompileCacheDir() },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 16 },
      // Without the portal's flags and environment: NODE_OPTIONS may contain options that threads refuse.
      execArgv: [],
      env: {},
    });
    worker.unref();
    // An error between requests needs a listener, too.
    worker.on('error', () => {
      if (this.#worker === worker) this.#worker = null;
    });
    this.#worker = worker;
    return worker;
  }

  #end(): void {
    const worker = this.#worker;
    this.#worker = null;
    void worker?.terminate();
  }
}
