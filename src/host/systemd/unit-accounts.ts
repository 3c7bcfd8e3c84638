import type { LoggedRestarts } from './journal-runs.ts';
import { type NextRestart, newAccount, RestartAccount, type StoredAccount } from './restart-account.ts';

/** Accounts as they outlive the agent. */
export type StoredAccounts = {
  /** Of `units`: systemd counts from 0 after it. */
  bootId: string;
  /** Of units that systemd knows. */
  units: Record<string, StoredAccount>;
  /** Those are all that ran. */
  isComplete: boolean;
  /** Of units that systemd has forgotten, counts anew, or counted before a reboot. */
  closed: readonly ClosedAccount[];
};

type Of = { unit: string; bootId: string };
type ClosedAccount = Of & { account: StoredAccount };

/** Of units that come and go (`systemd-run`), more are not remembered. */
const MAX_CLOSED = 1_000;

/** Accounts of restarts of all units. That of a unit which systemd forgets, or counts anew, goes on until it is certain. */
export class UnitAccounts {
  readonly #bootId: string;
  readonly #open = new Map<string, RestartAccount>();
  /** Of units that the agent before followed, and this one has not seen yet. */
  readonly #unseen: Map<string, RestartAccount>;
  #closed: (Of & { account: RestartAccount })[] = [];
  /** Runs that ended unseen and are not reported yet. */
  readonly #missed = new Map<string, number>();
  /** Units that ran already when crashmon came; null: it is not known yet which did. */
  #older: ReadonlySet<string> | null;

  /** @param stored what the agent before has stored; null if there was none */
  constructor(bootId: string, stored: StoredAccounts | null = null) {
    this.#bootId = bootId;
    this.#older = stored?.isComplete ? new Set() : null;
    const before = Object.entries(stored?.units ?? {}).map(
      ([unit, account]) => [unit, new RestartAccount(account)] as const,
    );
    const isSameBoot = stored?.bootId === bootId;
    this.#unseen = new Map(isSameBoot ? before : []);
    for (const { account, ...of } of stored?.closed ?? []) this.#close(of, new RestartAccount(account));
    if (stored === null || isSameBoot) return;
    for (const [unit, account] of before) this.#close({ unit, bootId: stored.bootId }, account);
  }

  /** An earlier agent was there: a unit that it did not follow has started since. */
  get isContinued(): boolean {
    return this.#older !== null;
  }

  /** @param restarts NRestarts: where crashmon comes later, what happened before is not its concern */
  open(unit: string, restarts: number): RestartAccount {
    const isNew = this.#older !== null && !this.#older.has(unit);
    const account = this.#unseen.get(unit) ?? new RestartAccount(newAccount(isNew ? 0 : restarts));
    this.#unseen.delete(unit);
    this.#open.set(unit, account);
    return account;
  }

  /** @param units all that systemd knows now */
  sawAll(units: ReadonlySet<string>): void {
    this.#older ??= new Set([...units].filter((unit) => !this.#open.has(unit)));
    for (const [unit, account] of this.#unseen) {
      if (units.has(unit)) continue;
      this.#unseen.delete(unit);
      this.#close({ unit, bootId: this.#bootId }, account);
    }
  }

  /** NRestarts of a unit now. See `RestartAccount.counts`. */
  counts(unit: string, restarts: number, isManual: boolean): void {
    const before = this.#open.get(unit)?.counts(restarts, isManual) ?? null;
    if (before !== null) this.#close({ unit, bootId: this.#bootId }, before);
  }

  /** systemd has forgotten the unit. */
  forget(unit: string): void {
    const account = this.#open.get(unit);
    this.#open.delete(unit);
    if (account !== undefined) this.#close({ unit, bootId: this.#bootId }, account);
  }

  /** All of those that are closed are explained. */
  get isExplained(): boolean {
    return this.#closed.length === 0;
  }

  /** See `RestartAccount.exited`. */
  exited(of: Of, invocationId: string, next: NextRestart): void {
    for (const account of this.#of(of)) account.exited(invocationId, next);
  }

  /** The restart after this exit is known. */
  numbered(invocationId: string): void {
    for (const { account } of this.#all()) account.numbered(new Set([invocationId]));
  }

  /** The journal was read. */
  logged({ restarts, restarted }: LoggedRestarts): void {
    for (const { unit, bootId, account } of this.#all()) {
      account.logged(restarts.get(`${bootId}/${unit}`) ?? []);
      account.numbered(restarted);
    }
  }

  /** What was read of the journal is not read again. */
  read(invocations: ReadonlySet<string>): void {
    for (const { account } of this.#all()) account.read(invocations);
  }

  /** Runs that were reported as ended: their restart can still come. */
  get ended(): Set<string> {
    return new Set(this.#all().flatMap(({ account }) => account.ended));
  }

  /**
   * The journal was read.
   * @returns false: it is not certain yet what is missing
   */
  review(atMs: number, waitMs: number): boolean {
    let isCertain = true;
    const review = (unit: string, account: RestartAccount): boolean => {
      const missed = account.missed(atMs, waitMs);
      if (missed > 0) this.#missed.set(unit, (this.#missed.get(unit) ?? 0) + missed);
      // Also while it waited, systemd went on counting.
      const isOpen = !account.isExplained;
      if (isOpen) isCertain = false;
      return isOpen;
    };
    for (const [unit, account] of this.#open) review(unit, account);
    this.#closed = this.#closed.filter(({ unit, account }) => review(unit, account));
    return isCertain;
  }

  /** What is missing for certain, once. */
  takeMissed(): [string, number][] {
    const missed = [...this.#missed];
    this.#missed.clear();
    return missed;
  }

  toStored(): StoredAccounts {
    const units = [...this.#unseen, ...this.#open].map(([unit, account]) => [unit, account.toStored()]);
    return {
      bootId: this.#bootId,
      units: Object.fromEntries(units),
      isComplete: this.#older !== null,
      closed: this.#closed.map(({ account, ...of }) => ({ ...of, account: account.toStored() })),
    };
  }

  #all(): (Of & { account: RestartAccount })[] {
    const known = [...this.#unseen, ...this.#open];
    return [...this.#closed, ...known.map(([unit, account]) => ({ unit, bootId: this.#bootId, account }))];
  }

  #of({ unit, bootId }: Of): RestartAccount[] {
    return this.#all().flatMap((one) => (one.unit === unit && one.bootId === bootId ? one.account : []));
  }

  #close(of: Of, account: RestartAccount): void {
    if (account.isExplained) return;
    this.#closed.push({ ...of, account });
    if (this.#closed.length > MAX_CLOSED) this.#closed.shift();
  }
}
