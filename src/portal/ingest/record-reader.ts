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
/** Read on the event loop: agents send no more at once. */
const SMALL_BYTES = 256 * 1024;
const HEAP_MB = 192;
/** No request within the limits takes so long before its first part, or from one part to the next. */
const MAX_MS = 30_000;
/** A thread that is not used is memory for nothing. */
const IDLE_MS = 60_000;

/**
 * Reads requests into records. Large ones are read in a thread, one after the other. A request that takes its memory or
 * time is refused, and the next one gets a new thread.
 */
export class RecordReader {
  #worker: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #idle: NodeJS.Timeout | null = null;

  /** The body of a large request is gone afterwards. @throws Refusal */
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
      reject(new Refusal(413, 'The request takes too much to read. Send fewer records at once.'));
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
    // A buffer of its own, which can be handed over: Node shares the memory of small ones.
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
      // Not the portal's flags and environment: NODE_OPTIONS may hold what a thread cannot have.
      execArgv: [],
      env: {},
    });
    worker.unref();
    // Between requests, too, an error must find a listener.
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
