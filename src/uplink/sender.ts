import { formatDuration } from '../formats/duration.ts';
import type { PublicRecord } from '../model/public-record.ts';
import type { RemoteRequest } from '../model/remote-request.ts';
import type { WantedDump } from '../model/sealed-dump.ts';
import type { Answer } from './answer.ts';
import { type LeavingRequest, leavingRequest } from './leaving-records.ts';
import { type LogsSource, logsRequest } from './logs-request.ts';
import type { LogsPoster, Receiver } from './post-logs.ts';
import { retryDelayMs } from './retry-delay.ts';

export type Waiting = { seq: number; version: string | null; record: PublicRecord };

/** The outbox for the sender; nothing in it throws. */
export type OutboxAccess = {
  /** The oldest that wait, in order; empty if none waits or it cannot be read now. */
  next(most: { records: number; bytes: number }): Waiting[];
  /** @returns false if it could not be stored: the records will be sent again */
  delivered(seqs: readonly number[]): boolean;
  /** Records what is about to be sent, for `crashmon receipt`; it is sent also where that fails. */
  leaving(request: LeavingRequest): void;
  /** Drops what the receiver rejects. @returns as `delivered` */
  refused(seqs: readonly number[]): boolean;
};

export type SenderParts = {
  source: LogsSource;
  receiver: Receiver;
  outbox: OutboxAccess;
  /** The last request succeeded (null), or why not; `warning`: what is wrong though it succeeded. */
  noteResult(failure: string | null, warning?: string | null): void;
  onProblem(problem: string): void;
  /** What the receiver asks for; it can come again. */
  onRequests(requests: readonly RemoteRequest[]): void;
  /** Encrypted dumps that the receiver takes; it can come again. */
  onWanted(dumps: readonly WantedDump[]): void;
};

const MAX_RECORDS = 256;
/** Small: if a worker ends while a batch is made, its restart waits for that, about 2 ms. */
const MAX_BYTES = 256 * 1024;
/** After so many rejections in a row it is hardly the records' fault: the next one is not dropped at once. */
const REFUSED_AT_ONCE = 3;

/**
 * Sends what waits in the outbox, in order and at least once: a record leaves the outbox when the receiver has stored it
 * or has rejected it alone. One request at a time, one batch in memory.
 */
export class Sender {
  readonly #parts: SenderParts;
  #poster: LogsPoster | null = null;
  #inFlight: ReadonlySet<string> = new Set();
  #request: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #heldUntil = 0;
  #notBefore = 0;
  #failures = 0;
  #refusedInARow = 0;
  #limit = MAX_RECORDS;
  #warningReported = false;
  #refusalReported = false;
  readonly #ending = new AbortController();

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Is this record being sent? */
  isInFlight(uid: string): boolean {
    return this.#inFlight.has(uid);
  }

  /** There is something to send; it starts when neither a delay after a failure nor `hold` prevents it. */
  wake(): void {
    if (this.#request !== null || this.#ending.signal.aborted) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const waitMs = Math.max(0, this.#notBefore - performance.now(), this.#heldUntil - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#send();
    }, waitMs).unref();
  }

  /** Starts nothing for this time: the next worker comes first. */
  hold(ms: number): void {
    this.#heldUntil = performance.now() + ms;
  }

  /** The next worker runs. */
  release(): void {
    this.#heldUntil = 0;
    this.wake();
  }

  /** Sends what it can within the budget, then nothing more. */
  async end(budgetMs: number): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const deadline = setTimeout(() => this.#ending.abort(), budgetMs);
    await this.#request;
    while (!this.#ending.signal.aborted) {
      const failures = this.#failures;
      if (!(await this.#send()) || this.#failures > failures) break;
    }
    clearTimeout(deadline);
    this.#ending.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#poster?.[Symbol.dispose]();
  }

  /** One batch. @returns false if nothing waited */
  async #send(): Promise<boolean> {
    const batch = this.#parts.outbox.next({ records: this.#limit, bytes: MAX_BYTES });
    if (batch.length === 0) return false;
    this.#inFlight = new Set(batch.map(({ record }) => record.uid));
    this.#request = this.#post(batch);
    await this.#request;
    this.#request = null;
    this.#inFlight = new Set();
    this.wake();
    return true;
  }

  async #post(batch: readonly Waiting[]): Promise<void> {
    const { source, receiver } = this.#parts;
    const logs = logsRequest(source, batch);
    const leaving = leavingRequest(
      logs,
      batch.map(({ record }) => record),
    );
    if (this.#poster === null) {
      // Takes 5 MB, so it is loaded only when there is something to send.
      const { LogsPoster } = await import('./post-logs.ts');
      this.#poster = LogsPoster.to(receiver);
    }
    const answer = await this.#poster.post(JSON.stringify(logs), this.#ending.signal, () =>
      this.#parts.outbox.leaving(leaving),
    );
    // If our own end interrupted it, the receiver did not fail.
    if (!this.#ending.signal.aborted || answer.outcome === 'taken') this.#conclude(answer, batch);
  }

  #conclude(answer: Answer, batch: readonly Waiting[]): void {
    const { outbox, noteResult, onProblem, onRequests, onWanted } = this.#parts;
    const seqs = batch.map(({ seq }) => seq);
    if (answer.outcome === 'taken') {
      if (answer.requests.length > 0) onRequests(answer.requests);
      if (answer.dumps.length > 0) onWanted(answer.dumps);
      const warning = warningOf(answer, batch.length);
      if (warning !== null && !this.#warningReported) {
        this.#warningReported = true;
        onProblem(warning);
      }
      this.#refusedInARow = 0;
      this.#limit = Math.min(MAX_RECORDS, this.#limit * 2);
      if (outbox.delivered(seqs)) {
        this.#failures = 0;
        this.#notBefore = 0;
        noteResult(null, warning);
      } else this.#waitAfterFailure(null);
    } else if (answer.outcome === 'refused') {
      this.#dropRefused(answer.message, seqs);
    } else {
      noteResult(answer.message);
      this.#waitAfterFailure(answer.retryAfterMs);
    }
  }

  /** Halves the batch until the invalid record is alone. */
  #dropRefused(message: string, seqs: readonly number[]): void {
    const { outbox, noteResult, onProblem } = this.#parts;
    if (seqs.length > 1) {
      this.#limit = Math.ceil(seqs.length / 2);
      return;
    }
    noteResult(message);
    this.#refusedInARow += 1;
    if (!this.#refusalReported) onProblem(`A crash record was dropped. ${message}`);
    this.#refusalReported = true;
    if (!outbox.refused(seqs)) this.#waitAfterFailure(null);
    else if (this.#refusedInARow > REFUSED_AT_ONCE) {
      this.#notBefore =
        performance.now() + retryDelayMs(this.#refusedInARow - REFUSED_AT_ONCE, null, Math.random());
    }
  }

  #waitAfterFailure(retryAfterMs: number | null): void {
    this.#failures += 1;
    this.#notBefore = performance.now() + retryDelayMs(this.#failures, retryAfterMs, Math.random());
  }
}

/** What is wrong although the records arrived. */
function warningOf(
  { rejected, note, clockAheadMs }: Extract<Answer, { outcome: 'taken' }>,
  sent: number,
): string | null {
  const sentences: string[] = [];
  if (rejected > 0) {
    const why = note === null ? '' : ` It says: ${note}`;
    sentences.push(`The receiver of crash records rejected ${rejected} of ${sent}.${why}`);
  }
  if (clockAheadMs !== null) {
    const difference = formatDuration(Math.abs(clockAheadMs));
    const where = clockAheadMs > 0 ? 'ahead of' : 'behind';
    sentences.push(
      `The clock here is ${difference} ${where} the receiver's: check it, because crashes have its time.`,
    );
  }
  return sentences.length === 0 ? null : sentences.join(' ');
}
