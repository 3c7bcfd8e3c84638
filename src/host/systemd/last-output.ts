import type { LiveTail } from '../../agent/raw-run.ts';
import { readJournal } from '../../agent/read-journal.ts';
import { MESSAGES, type OutputEntry, parseOutputEntry } from './journal-entry.ts';

/** How much of the end judges an exit. */
const EVIDENCE_BYTES = 64 * 1024;
/** How much is read for last words. */
const WORDS_BYTES = 1024 * 1024;
/** Of all runs that are read together. */
const MAX_BYTES = 4 * 1024 * 1024;
const MOST_TOGETHER = 20;
/** A process ID is not used again within this time. */
const SHORT_MS = 5_000;
const OUTPUT_FIELDS = '--output-fields=MESSAGE,_SYSTEMD_INVOCATION_ID,_PID,INVOCATION_ID,MESSAGE_ID';
/** journald can be behind: its entry of the exit comes last. */
const RETRIES_MS = [100, 200, 400, 800, 1_500];

/** Whose output is wanted. */
export type OutputOf = {
  invocationId: string;
  unit: string;
  /** 0: unknown. */
  pid: number;
  startedAtMs: number;
  /** The journal has its exit, so nothing more comes of it. */
  isLogged?: boolean;
};

type Waiting = OutputOf & { attempts: number; resolve: (tail: LiveTail | null) => void };
type Output = { lines: { bytes: Buffer; atMs: number }[]; size: number; hasExit: boolean };

/**
 * Reads what runs of services wrote last, from the journal. Many that end at the same time are read together, one
 * journalctl at a time.
 */
export class LastOutput {
  readonly #waiting: Waiting[] = [];
  #isReading = false;

  /** @returns null if the journal has nothing of it */
  async of(run: OutputOf): Promise<LiveTail | null> {
    return await new Promise((resolve) => this.#add({ ...run, attempts: 0, resolve }));
  }

  #add(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (!this.#isReading) void this.#read();
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    while (this.#waiting.length > 0) {
      const wanted = this.#waiting.splice(0, MOST_TOGETHER);
      const found = await readOutput(wanted);
      for (const waiting of wanted) {
        const output = found.get(waiting.invocationId);
        const waitMs = RETRIES_MS[waiting.attempts++];
        if (output?.hasExit || waiting.isLogged || waitMs === undefined) {
          waiting.resolve(output === undefined ? null : toTail(output));
        } else setTimeout(() => this.#add(waiting), waitMs);
      }
    }
    this.#isReading = false;
  }
}

/** Newest first, until there is enough. */
async function readOutput(runs: readonly OutputOf[]): Promise<Map<string, Output>> {
  const found = new Map<string, Output>();
  const outputOf = (id: string): Output => {
    const known = found.get(id) ?? { lines: [], size: 0, hasExit: false };
    found.set(id, known);
    return known;
  };
  let size = 0;
  const ids = (name: string) => runs.map(({ invocationId }) => `${name}=${invocationId}`);
  const exits = [MESSAGES.exited, MESSAGES.failed, MESSAGES.succeeded].map((id) => `MESSAGE_ID=${id}`);
  await readJournal(
    [
      ...['--all', '--reverse', OUTPUT_FIELDS],
      ...['_TRANSPORT=stdout', ...ids('_SYSTEMD_INVOCATION_ID')],
      ...['+', '_PID=1', ...exits, ...ids('INVOCATION_ID')],
      ...runs.flatMap(({ pid, unit }) =>
        pid === 0 ? [] : ['+', '_TRANSPORT=stdout', `_PID=${pid}`, `_SYSTEMD_UNIT=${unit}`],
      ),
    ],
    (line) => {
      const exitOf = /"INVOCATION_ID"\s*:\s*"([0-9a-f]{32})"/.exec(line)?.[1];
      if (exitOf !== undefined && line.includes('"MESSAGE_ID"')) outputOf(exitOf).hasExit = true;
      const entry = parseOutputEntry(line);
      const run = entry === null ? undefined : runs.find((one) => isOf(entry, one));
      if (entry === null || run === undefined) return true;
      const output = outputOf(run.invocationId);
      if (output.size + entry.bytes.length < WORDS_BYTES) {
        output.lines.push({ bytes: entry.bytes, atMs: entry.atMs });
        output.size += entry.bytes.length + 1;
        size += entry.bytes.length + 1;
      }
      return size < MAX_BYTES;
    },
  );
  return found;
}

/** journald does not always learn the invocation of a process that ends at once. */
function isOf({ invocationId, pid, atMs }: OutputEntry, run: OutputOf): boolean {
  if (invocationId !== null) return invocationId === run.invocationId;
  return pid === run.pid && atMs >= run.startedAtMs && atMs < run.startedAtMs + SHORT_MS;
}

function toTail({ lines }: Output): LiveTail | null {
  const last = lines[0];
  if (last === undefined) return null;
  const whole = Buffer.concat(lines.toReversed().flatMap(({ bytes }) => [bytes, Buffer.from('\n')]));
  const offset = Math.max(0, whole.length - EVIDENCE_BYTES);
  return {
    ...{ bytes: whole.subarray(offset), offset, writtenAtMs: last.atMs },
    writtenSince: (sinceMs) =>
      lines.reduce((sum, { bytes, atMs }) => sum + (atMs >= sinceMs ? bytes.length + 1 : 0), 0),
    more: () => (offset === 0 ? null : { bytes: whole, offset: 0 }),
  };
}
