import type { Journal } from '../journal/journal.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import type { Instant } from '../model/instant.ts';
import type { NoCapture } from '../model/no-capture.ts';
import type { PolicyState } from '../model/policy.ts';
import { EMPTY_POLICY_STATE, rebased } from '../policy/policy-state.ts';
import type { Emit } from './agent-event.ts';

/** Writes that wait for a journal that cannot be written to; beyond this the oldest are dropped. */
const MAX_WAITING = 1000;

/**
 * Each attempt on a locked or full journal waits, which would delay a restart; so the next attempt comes after this.
 */
const RETRY_AFTER_MS = 2_000;

/** @throws CrashmonError where it cannot be opened */
export type JournalAccess = { get(): Journal };

/**
 * The agent's memory: the journal where it works, and this process where it does not. A journal that cannot be
 * written (full disk, locked, read-only) never stops the agent; its writes wait and are retried in order.
 */
export class Memory {
  policy: PolicyState;
  readonly #journal: JournalAccess | null;
  readonly #emit: Emit;
  readonly #waiting: ((journal: Journal) => void)[] = [];
  /** Who waits until so many writes are done, counted from the first one. */
  #awaited: { writes: number; settle: (isStored: boolean) => void }[] = [];
  #written = 0;
  #troubled = false;
  #retry: NodeJS.Timeout | null = null;

  constructor(journal: JournalAccess | null, now: Instant, emit: Emit) {
    this.#journal = journal;
    this.#emit = emit;
    this.policy = rebased(this.#read((open) => open.policyState()) ?? EMPTY_POLICY_STATE, now);
  }

  /** Reads what `crashmon arm`, `disarm` or `session` has set meanwhile. */
  refreshManual(): void {
    // Not the crashes, which can be a thousand.
    const set = this.#read((journal) => ({ manual: journal.manualOverride(), session: journal.session() }));
    if (set !== null) this.policy = { ...this.policy, ...set };
  }

  setNoCapture(noCapture: NoCapture | null): void {
    this.policy = { ...this.policy, noCapture };
    this.write((journal) => journal.savePolicyState(this.policy));
  }

  read<Result>(operation: (journal: Journal) => Result): Result | null {
    return this.#read(operation);
  }

  /** Writes now if possible, else later. */
  write(operation: (journal: Journal) => void): void {
    if (this.#journal === null) return;
    this.#waiting.push(operation);
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift();
      this.#written += 1;
      this.#answer(false);
    }
    if (this.#retry === null) this.#flush();
  }

  /** Settles once all that was to be written until now is in the journal; false if some of it was dropped. */
  stored(): Promise<boolean> {
    if (this.#waiting.length === 0) return Promise.resolve(this.#journal !== null);
    const writes = this.#written + this.#waiting.length;
    return new Promise((settle) => this.#awaited.push({ writes, settle }));
  }

  /** For idle moments: does what would delay a restart. */
  settle(): void {
    if (this.#retry !== null) return;
    this.#flush();
    if (this.#waiting.length === 0) this.#read((journal) => journal.checkpoint());
  }

  /** The last attempt. */
  end(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.settle();
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#answer(false);
  }

  /** Writes what waits, until the first failure. */
  #flush(): void {
    if (this.#journal === null) return;
    try {
      for (;;) {
        const next = this.#waiting[0];
        if (next === undefined) break;
        next(this.#journal.get());
        this.#waiting.shift();
        this.#written += 1;
      }
      this.#troubled = false;
    } catch (error) {
      this.#complain(error);
      this.#retry = setTimeout(() => {
        this.#retry = null;
        this.#flush();
      }, RETRY_AFTER_MS).unref();
    }
    this.#answer(true);
  }

  #answer(isStored: boolean): void {
    const isDue = ({ writes }: { writes: number }) => !isStored || writes <= this.#written;
    const due = this.#awaited.filter(isDue);
    this.#awaited = this.#awaited.filter((one) => !isDue(one));
    for (const { settle } of due) settle(isStored);
  }

  #read<Result>(operation: (journal: Journal) => Result): Result | null {
    if (this.#journal === null) return null;
    try {
      return operation(this.#journal.get());
    } catch (error) {
      this.#complain(error);
      return null;
    }
  }

  #complain(error: unknown): void {
    if (!(error instanceof CrashmonError)) throw error;
    if (this.#troubled) return;
    this.#troubled = true;
    this.#emit({ event: 'problem', message: `${error.message} The worker is not affected.` });
  }
}
