import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { NotifyState } from '../../journal/documents.ts';
import type { News, PendingNotifications } from '../../journal/notification-rows.ts';
import type { EndedRun } from '../../model/run.ts';
import { crashUid } from '../../privacy/publish-crash.ts';
import { delay } from '../../worker/delay.ts';
import type { Emit } from '../agent-event.ts';
import type { AgentOptions, NotifyOptions } from '../agent-options.ts';
import { startBackground } from '../background-process.ts';
import type { Clock } from '../clock.ts';
import type { Memory } from '../memory.ts';
import type { NotifyJob } from './notify-job.ts';
import { isOwnerAlive } from './owner.ts';

export type AgentNotifyParts = {
  options: AgentOptions;
  notify: NotifyOptions;
  instance: string;
  directory: string;
  memory: Memory;
  clock: Clock;
  emit: Emit;
};

const ENTRY = fileURLToPath(
  new URL(`./notify-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);
/** A crash is looked at soon; what follows it in a crash loop, together. */
const FIRST_LOOK_MS = 2_000;
const BETWEEN_LOOKS_MS = 15_000;
/** A call stack that has come is what people wait for. */
const REPORT_LOOK_MS = 500;
const AFTER_FAILURE_MS = 60_000;
/** The next worker has the processor to itself for so long. */
const HEAD_START_MS = 500;
const TIMEOUT_MS = 10 * 60_000;
/** Timers are looked at so often at least: the clock may have been set. */
const LONGEST_MS = 10 * 60_000;
/** What is due within this time when crashmon ends is told by a process that stays. */
const SOON_MS = 150_000;
/** Less than the process that stays looks at the least. */
const TELLER_LOOKS_MS = 7_000;
const LAST_WAIT_MS = { ended: 5_000, stopped: 2_000 };

/**
 * The agent's side of telling people: leaves news of each crash in the journal, within the exit's own transaction, and
 * starts the process that reads them when there is something to do. Holds no code for mails and episodes itself.
 */
export class AgentNotify {
  readonly #parts: AgentNotifyParts;
  #timer: NodeJS.Timeout | null = null;
  #timerAtMs = 0;
  #process: ChildProcess | null = null;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  /** What it shall wait for when it is to look while a look is going on. */
  #again: number | null = null;
  #noWorkerSince: number | null = null;
  #failed = false;
  #ended = false;

  constructor(parts: AgentNotifyParts) {
    this.#parts = parts;
  }

  /** @returns what is stored with the exit, for the notifier */
  ended(run: EndedRun): News | undefined {
    this.#noWorkerSince = performance.now();
    if (!run.verdict.counted) return undefined;
    const sinceLook = performance.now() - this.#startedAtMs;
    this.#lookIn(Math.max(FIRST_LOOK_MS, BETWEEN_LOOKS_MS - sinceLook));
    return { uid: crashUid(run), version: this.#parts.notify.appVersion };
  }

  started(): void {
    const isFirst = this.#startedAtMs === Number.NEGATIVE_INFINITY && this.#timer === null;
    this.#noWorkerSince = null;
    if (!isFirst) return;
    // What a crashmon before left: news, messages that could not be delivered, episodes that are not over.
    setImmediate(() => {
      const { news, episodes, deliveries } = this.#pendingNotifications();
      if (news + episodes + deliveries > 0) this.#lookIn(FIRST_LOOK_MS);
    });
  }

  /** A report was made, and lies among the news. */
  reported(): void {
    this.#lookIn(REPORT_LOOK_MS);
  }

  /** What is to be told soon is told by a process that outlives crashmon; the rest waits for the next crashmon. */
  async end(stopped: boolean): Promise<void> {
    this.#ended = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (!this.#isSomethingSoon()) return;
    if (process.pid !== 1) {
      if (this.#isSomeoneLooking()) return;
      this.#start(process.pid).unref();
      return;
    }
    // With the first process of a container all others end.
    const last = this.#start(null, { hurry: true });
    const deadline = new AbortController();
    await Promise.race([
      new Promise((resolve) => last.once('exit', resolve).once('error', resolve)),
      delay(stopped ? LAST_WAIT_MS.stopped : LAST_WAIT_MS.ended, deadline.signal),
    ]);
    deadline.abort();
  }

  #isSomethingSoon(): boolean {
    const { news, deliveries } = this.#pendingNotifications();
    if (news > 0 || deliveries > 0) return true;
    const wakeMs = this.#parts.memory.read((journal) => journal.notifyState())?.wakeMs ?? null;
    return wakeMs !== null && wakeMs - Date.now() < SOON_MS;
  }

  /** Where somebody else restarts crashmon in a crash loop, one process is enough for all of its ends. */
  #isSomeoneLooking(): boolean {
    const teller = this.#parts.memory.read((journal) => journal.notifier());
    if (teller === null) return false;
    const forMs = Date.now() - teller.sinceMs;
    return forMs >= 0 && forMs < TELLER_LOOKS_MS && isOwnerAlive(teller.owner);
  }

  #pendingNotifications(): PendingNotifications {
    const none: PendingNotifications = { news: 0, episodes: 0, deliveries: 0 };
    return this.#parts.memory.read((journal) => journal.pendingNotifications()) ?? none;
  }

  #lookIn(waitMs: number): void {
    if (this.#ended) return;
    if (this.#process !== null) {
      this.#again = Math.min(waitMs, this.#again ?? waitMs);
      return;
    }
    const atMs = performance.now() + waitMs;
    if (this.#timer !== null && this.#timerAtMs <= atMs) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#look();
    }, waitMs).unref();
  }

  #look(): void {
    const noWorkerMs = this.#noWorkerSince === null ? null : performance.now() - this.#noWorkerSince;
    if (noWorkerMs !== null && noWorkerMs < HEAD_START_MS) {
      this.#lookIn(HEAD_START_MS);
      return;
    }
    this.#startedAtMs = performance.now();
    const child = this.#start(null);
    child.unref();
    this.#process = child;
    const timeout = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS).unref();
    const over = (succeeded: boolean) => {
      clearTimeout(timeout);
      if (this.#process !== child) return;
      this.#process = null;
      this.#looked(succeeded);
    };
    child.once('error', () => over(false));
    child.once('exit', (code) => over(code === 0));
  }

  #looked(succeeded: boolean): void {
    const { memory, emit } = this.#parts;
    const again = this.#again;
    this.#again = null;
    if (this.#ended) return;
    if (!succeeded) {
      if (!this.#failed)
        emit({ event: 'problem', message: 'Crashmon could not send notifications; it will retry.' });
      this.#failed = true;
      this.#lookIn(AFTER_FAILURE_MS);
      return;
    }
    this.#failed = false;
    const state: NotifyState | null = memory.read((journal) => journal.notifyState());
    for (const { problem, text } of state?.said ?? []) {
      if (problem) emit({ event: 'problem', message: text });
      else emit({ event: 'notified', text });
    }
    if (again !== null) this.#lookIn(again);
    if (this.#pendingNotifications().news > 0) this.#lookIn(BETWEEN_LOOKS_MS);
    const wakeMs = state?.wakeMs ?? null;
    if (wakeMs !== null) this.#lookIn(Math.min(LONGEST_MS, Math.max(100, wakeMs - Date.now())));
  }

  #start(successorOf: number | null, how: { hurry?: boolean } = {}): ChildProcess {
    const { options, notify, instance, directory } = this.#parts;
    const job: NotifyJob = {
      directory,
      app: options.app,
      instance,
      notify,
      policy: options.policy,
      secrets: options.notifySecrets,
      successorOf,
    };
    const child = startBackground(process.execPath, [ENTRY], ['pipe'], how);
    child.on('error', () => {});
    // Its end may be closed before it has read.
    child.stdin?.on('error', () => {});
    child.stdin?.end(JSON.stringify(job));
    return child;
  }
}
