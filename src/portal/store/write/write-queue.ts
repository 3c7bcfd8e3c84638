import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { SentRecord } from '../../../model/telemetry.ts';
import type { Stored } from './record-store.ts';

/** One call of `write()`. */
type Waiting = {
  records: readonly SentRecord[];
  bytes: number;
  resolve: (stored: Stored) => void;
  reject: (error: unknown) => void;
};

const MOST_WAITING_BYTES = 32 * 1024 * 1024;
const MOST_RECORDS_AT_ONCE = 2_000;
const MOST_BYTES_AT_ONCE = 8 * 1024 * 1024;

/** Calls of one lane are stored together; lanes do not wait for each other. */
type Lane = { waiting: Waiting[]; running: Promise<void> };

/** Calls that come while a transaction runs share the next one: one wait for the disk for all of them. */
export class WriteQueue {
  readonly #store: (calls: readonly (readonly SentRecord[])[]) => Promise<Stored[]>;
  readonly #laneOf: (records: readonly SentRecord[]) => string;
  readonly #lanes = new Map<string, Lane>();
  #bytes = 0;

  /**
   * @param store stores all calls or, when it throws, none
   * @param laneOf the name of the lane; one for all calls by default
   */
  constructor(
    store: (calls: readonly (readonly SentRecord[])[]) => Promise<Stored[]>,
    laneOf: (records: readonly SentRecord[]) => string = () => '',
  ) {
    this.#store = store;
    this.#laneOf = laneOf;
  }

  write(records: readonly SentRecord[]): Promise<Stored> {
    if (records.length === 0) return Promise.resolve({ crashes: 0, duplicates: 0 });
    const bytes = records.reduce((sum, { record }) => sum + roughBytes(record), 0);
    if (this.#bytes > 0 && this.#bytes + bytes > MOST_WAITING_BYTES) {
      const message =
        'The database is busy: more waits to be stored than memory allows. Send it again in a moment.';
      return Promise.reject(new CrashmonError('DATABASE_UNUSABLE', message));
    }
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      this.#wait({ records, bytes, resolve, reject });
    });
  }

  /** Settles when everything that was given is stored or refused. */
  async drained(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all([...this.#lanes.values()].map(({ running }) => running));
  }

  #wait(call: Waiting): void {
    const name = this.#laneOf(call.records);
    const lane = this.#lanes.get(name);
    if (lane !== undefined) {
      lane.waiting.push(call);
      return;
    }
    const waiting = [call];
    this.#lanes.set(name, { waiting, running: this.#run(name, waiting) });
  }

  async #run(name: string, waiting: Waiting[]): Promise<void> {
    // The event loop first delivers what has already arrived.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const calls = takeSome(waiting);
      await this.#settle(calls);
      this.#bytes -= calls.reduce((sum, { bytes }) => sum + bytes, 0);
    }
    this.#lanes.delete(name);
  }

  async #settle(calls: readonly Waiting[]): Promise<void> {
    try {
      const stored = await this.#store(calls.map(({ records }) => records));
      calls.forEach((call, index) => {
        call.resolve(stored[index] ?? { crashes: 0, duplicates: 0 });
      });
    } catch (error) {
      const [only] = calls;
      if (calls.length === 1) return only?.reject(error);
      // What one sender sent must not cost the others theirs.
      for (const call of calls) await this.#settle([call]);
    }
  }
}

function takeSome(waiting: Waiting[]): Waiting[] {
  let records = 0;
  let bytes = 0;
  let count = 0;
  for (const call of waiting) {
    records += call.records.length;
    bytes += call.bytes;
    if (count > 0 && (records > MOST_RECORDS_AT_ONCE || bytes > MOST_BYTES_AT_ONCE)) break;
    count++;
  }
  return waiting.splice(0, count);
}

/** What a record may take in memory, without writing it out. */
function roughBytes(record: SentRecord['record']): number {
  if (record.type !== 'capture') return 800;
  const { frames, causes, members, otherThreads } = record.report;
  const threads = otherThreads.reduce((sum, thread) => sum + thread.frames.length, 0);
  return 2_000 + 300 * (frames.length + threads) + 10_000 * (causes.length + members.length);
}
