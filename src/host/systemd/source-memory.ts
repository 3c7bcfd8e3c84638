import { randomUUID } from 'node:crypto';
import { PendingEnds } from './pending-ends.ts';
import { type MissedCount, readSourceState, writeSourceState } from './source-state.ts';
import { UnitAccounts } from './unit-accounts.ts';

/** A save writes all pending ends, 2 µs each: where more wait than these, the next one waits so long for each of them. */
const FEW_ENDS = 200;
const REST_MS = 0.1;

/** What outlives the agent: it is stored together, so that each exit is in one of its parts, whenever the agent is killed. */
export class SourceMemory {
  readonly accounts: UnitAccounts;
  readonly ends: PendingEnds;
  /** What the journal said is stored up to here. */
  cursor: string | null;
  readonly #path: string;
  readonly #missed: Map<string, MissedCount>;
  readonly #onProblem: (message: string) => void;
  #notBefore = 0;

  /** Reads what the agent before has stored. */
  constructor(path: string, bootId: string, onProblem: (message: string) => void) {
    const { cursor = null, accounts, ends, missed = [] } = readSourceState(path) ?? {};
    this.#path = path;
    this.#onProblem = onProblem;
    this.cursor = cursor;
    this.accounts = new UnitAccounts(bootId, accounts);
    this.ends = new PendingEnds(ends);
    this.#missed = new Map(missed.map((one) => [one.id, one]));
  }

  /** Runs that ended unseen, and whose number is not stored yet; none while they could be counted again. */
  takeCounted(): MissedCount[] {
    for (const [unit, count] of this.accounts.takeMissed()) {
      const id = randomUUID();
      this.#missed.set(id, { id, unit, count });
    }
    return this.#missed.size > 0 && this.save() ? [...this.#missed.values()] : [];
  }

  missedStored(id: string): void {
    this.#missed.delete(id);
  }

  /** Runs what will save in the next turn; later after a save that was long, so that an agent that is behind does not save all the time. */
  beforeSave(work: () => void): void {
    const waitMs = this.#notBefore - performance.now();
    if (waitMs > 0) setTimeout(work, waitMs);
    else setImmediate(work);
  }

  /** @returns is it stored? */
  save(): boolean {
    const { cursor, accounts, ends } = this;
    const missed = [...this.#missed.values()];
    try {
      writeSourceState(this.#path, { cursor, accounts: accounts.toStored(), ends: ends.all, missed });
      return true;
    } catch (error) {
      this.#onProblem(`How far the journal was read cannot be stored: ${(error as Error).message}.`);
      return false;
    } finally {
      const restMs = ends.size > FEW_ENDS ? ends.size * REST_MS : 0;
      this.#notBefore = performance.now() + restMs;
    }
  }
}
