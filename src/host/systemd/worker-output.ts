import { readJournal } from '../../agent/read-journal.ts';
import { delay } from '../../worker/delay.ts';
import type { WorkerWords } from '../source.ts';
import { parseOutputEntry } from './journal-entry.ts';

/** How much of the end is read. */
const MAX_BYTES = 64 * 1024;
/** journald writes what it got at once, but is behind on a busy machine. There is no entry by which the end is known. */
const READ_AFTER_MS = [300, 700, 2_000];
/** Of a process whose newest line is older, more can come. */
const RECENT_MS = 1_000;
/** Each is read by a journalctl. */
const MOST_WAITING = 20;

/** Reads what single processes of units wrote last, from the journal, one after the other. */
export class WorkerOutput {
  #waiting = 0;
  #order: Promise<unknown> = Promise.resolve();

  /**
   * @param atMs when it ended (time of day)
   * @returns null if the journal has nothing of it, or too many are wanted
   */
  async of(
    invocationId: string,
    { pid, startedAtMs }: { pid: number; startedAtMs: number },
    atMs: number,
  ): Promise<WorkerWords | null> {
    if (this.#waiting >= MOST_WAITING) return null;
    this.#waiting += 1;
    try {
      let words: WorkerWords | null = null;
      for (const waitMs of READ_AFTER_MS) {
        await delay(waitMs);
        const reading = this.#order.then(() => readOutput(invocationId, pid, startedAtMs));
        this.#order = reading.catch(() => {});
        words = await reading;
        if (words !== null && words.writtenAtMs >= atMs - RECENT_MS) break;
      }
      return words;
    } finally {
      this.#waiting -= 1;
    }
  }
}

/** Newest first, until there is enough. Journald takes the process ID from the kernel, for each line. */
async function readOutput(
  invocationId: string,
  pid: number,
  startedAtMs: number,
): Promise<WorkerWords | null> {
  const lines: Buffer[] = [];
  let size = 0;
  let writtenAtMs = 0;
  await readJournal(
    [
      ...['--all', '--reverse', '--output-fields=MESSAGE,_SYSTEMD_INVOCATION_ID,_PID'],
      ...['_TRANSPORT=stdout', `_SYSTEMD_INVOCATION_ID=${invocationId}`, `_PID=${pid}`],
    ],
    (line) => {
      const entry = parseOutputEntry(line);
      if (entry === null || entry.atMs < startedAtMs - CLOCKS_MS) return true;
      writtenAtMs = Math.max(writtenAtMs, entry.atMs);
      lines.push(Buffer.from('\n'), entry.bytes);
      size += entry.bytes.length + 1;
      return size < MAX_BYTES;
    },
  );
  if (lines.length === 0) return null;
  const whole = Buffer.concat(lines.reverse());
  const offset = Math.max(0, whole.length - MAX_BYTES);
  return { bytes: whole.subarray(offset), offset, writtenAtMs, isShared: false };
}

/** Start times have steps of 10 ms, and the clock can be set. */
const CLOCKS_MS = 1_000;
