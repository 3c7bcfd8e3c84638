import type { HeldProcess } from '../../exit-watch/held-process.ts';
import type { HeldDump } from '../../model/held-dump.ts';
import type { Instant } from '../../model/instant.ts';
import type { SessionRecord } from '../../model/session.ts';
import { renewedEnd } from '../../policy/session-end.ts';
import { isSessionRunning, sessionState } from '../../policy/session-state.ts';
import type { Emit } from '../agent-event.ts';
import type { Clock } from '../clock.ts';
import type { Memory } from '../memory.ts';

/** A clock can jump: the end of a session is not waited for in one go. */
const LONGEST_WAIT_MS = 10 * 60_000;
const HOUR_MS = 60 * 60_000;

type Parts = { memory: Memory; clock: Clock; emit: Emit };

/**
 * Follows the session of an app: reports its beginning and its end to the agent, and its dumps in the log, and deletes dumps
 * whose time is over.
 */
export class SessionWatch {
  readonly #parts: Parts;
  readonly #onChange: (isRunning: boolean) => void;
  #hasEnded = false;
  #isRunning = false;
  #seen: SessionRecord | null = null;
  #timer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  /** Loaded by the first session. */
  #capture: ((held: HeldProcess) => HeldDump | null) | null = null;

  /** @param onChange the worker is to be attached, or no longer for a session */
  constructor(parts: Parts, onChange: (isRunning: boolean) => void) {
    this.#parts = parts;
    this.#onChange = onChange;
    this.#seen = this.#current();
  }

  get isRunning(): boolean {
    return isSessionRunning(this.#current(), this.#parts.clock());
  }

  /** The dump of a process that is held at its exit; null if none is wanted. Call it last: the process waits. */
  dumpOf(held: HeldProcess): HeldDump | null {
    return this.isRunning ? (this.#capture?.(held) ?? null) : null;
  }

  /** All memory is to be kept of such a process. */
  wantsWholeOf(process: 'main' | 'child'): boolean {
    const session = this.isRunning ? this.#current()?.session : undefined;
    return session?.full === true && (process === 'child' || session.process === undefined);
  }

  /** After a start of the agent, a report, or what a person did. */
  review(): void {
    if (this.#hasEnded) return;
    const { memory, clock } = this.#parts;
    memory.refreshManual();
    this.#renew(clock());
    const record = this.#current();
    this.#report(record);
    this.#seen = record;
    clearTimeout(this.#timer);
    const { state, leftMs } =
      record === null ? { state: 'stopped', leftMs: 0 } : sessionState(record, clock());
    const isRunning = state === 'running';
    if (isRunning) void this.#load();
    // A time that is over by the clock of a new boot may not be.
    const waitMs = isRunning ? Math.min(leftMs, LONGEST_WAIT_MS) : LONGEST_WAIT_MS;
    if (isRunning || (state === 'time' && record?.end?.overAt === undefined))
      this.#timer = setTimeout(() => this.review(), waitMs).unref();
    if (isRunning !== this.#isRunning) {
      this.#isRunning = isRunning;
      this.#onChange(isRunning);
    }
    this.#sweep();
  }

  /** In a callback of a held process nothing can be loaded. */
  async #load(): Promise<void> {
    try {
      this.#capture ??= (await import('./capture-held.ts')).captureHeld;
    } catch {
      // An upgrade of crashmon is under way: the next review tries again.
    }
  }

  /** Nothing is read any more: the journal will be closed. */
  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#sweepTimer);
  }

  #current(): SessionRecord | null {
    return this.#parts.memory.policy.session ?? null;
  }

  /** A clock that was set, or will be, does not move the end. */
  #renew(now: Instant): void {
    const record = this.#current();
    if (record === null || !['running', 'time'].includes(sessionState(record, now).state)) return;
    const end = renewedEnd(record, now);
    if (end === null) return;
    const { memory } = this.#parts;
    memory.write((journal) => journal.saveSessionEnd(end));
    memory.refreshManual();
  }

  #report(record: SessionRecord | null): void {
    if (record === null) return;
    const { session, progress } = record;
    const before = this.#seen?.progress?.session === session.id ? this.#seen.progress : null;
    const left = sessionState(record, this.#parts.clock()).dumpsLeft;
    for (const runId of progress?.session === session.id ? progress.kept : []) {
      if (before?.kept.includes(runId) !== true) this.#parts.emit({ event: 'dump', runId, why: null, left });
    }
    const refused = progress?.session === session.id ? progress.refused : null;
    if (refused === null || refused.crash === before?.refused?.crash) return;
    this.#parts.emit({ event: 'dump', runId: refused.crash, why: refused.why, left });
  }

  /** Its time is not worth a wake-up each: once an hour, if there ever was a session. */
  #sweep(): void {
    clearTimeout(this.#sweepTimer);
    const stores = this.#parts.memory.read((journal) => journal.dumpStores()) ?? [];
    if (stores.length === 0) return;
    this.#sweepTimer = setTimeout(() => this.#sweep(), HOUR_MS).unref();
    setImmediate(() => void sweepAll(stores, this.#parts.clock()));
  }
}

async function sweepAll(stores: readonly string[], now: Instant): Promise<void> {
  try {
    const { sweepDumps } = await import('../../dumps/sweep-dumps.ts');
    const { startCarrying } = await import('./start-carrying.ts');
    for (const store of stores) {
      await sweepDumps(store, now);
      await startCarrying(store, now);
    }
  } catch {
    // An upgrade of crashmon is under way: the next time.
  }
}
