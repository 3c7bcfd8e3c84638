import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { NotifyState } from '../../journal/documents.ts';
import type { News, PendingNotifications } from '../../journal/notification-rows.ts';
import type { EndedRun } from '../../model/run.ts';
import { crashUid } from '../../privacy/publish-crash.ts';
import { delay } from '../../worker/delay.ts';
import type { Emit } from '../agent-event.ts';
import type { AgentOptions, NotifyOptions } from '../agent-options.ts';
import type { Turn } from '../analyses.ts';
import { startBackground } from '../background-process.ts';
import type { Clock } from '../clock.ts';
import type { Memory } from '../memory.ts';
import type { NotifyJob } from './notify-job.ts';
import { isOwnerAlive, ownerName } from './owner.ts';

export type AgentNotifyParts = {
  options: Pick<AgentOptions, 'app' | 'policy' | 'notifySecrets'>;
  notify: NotifyOptions;
  instance: string;
  directory: string;
  /** Waits until it is the turn of this notifier; at once if not given. */
  turn?: Turn;
  memory: Memory;
  clock: Clock;
  emit: Emit;
};

const ENTRY = fileURLToPath(
  new URL(`./notify-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);
/** Soon after a crash; in a crash loop, for several crashes together. */
const FIRST_RUN_MS = 2_000;
const BETWEEN_RUNS_MS = 15_000;
/** A first notification waits for the call stack. */
const REPORT_RUN_MS = 500;
const AFTER_FAILURE_MS = 60_000;
/** The next worker has the processor to itself for this time. */
const HEAD_START_MS = 500;
const TIMEOUT_MS = 10 * 60_000;
/** A due time is checked at least this often: the clock can be set. */
const LONGEST_MS = 10 * 60_000;
/** What is due within this time when crashmon ends is sent by a notifier that outlives it. */
const SOON_MS = 150_000;
/** Less than `LEAST_STAY_MS` of the notifier. */
const NOTIFIER_RUNS_MS = 7_000;
const LAST_WAIT_MS = { ended: 5_000, stopped: 2_000 };

/**
 * The agent's side of notifications: adds each crash to the news in the journal, in the exit's own transaction, and
 * starts the notifier when there is something to do. It holds neither the episode policy nor mail code.
 */
export class AgentNotify {
  readonly #parts: AgentNotifyParts;
  #timer: NodeJS.Timeout | null = null;
  #timerAtMs = 0;
  #process: ChildProcess | null = null;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  /** When to run again after the run that is going on. */
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
    return this.childEnded(run);
  }

  /** The same of a process below the main one. */
  childEnded(run: EndedRun): News | undefined {
    if (!run.verdict.counted) return undefined;
    const sinceRun = performance.now() - this.#startedAtMs;
    this.#runIn(Math.max(FIRST_RUN_MS, BETWEEN_RUNS_MS - sinceRun));
    return { uid: crashUid(run), version: this.#parts.notify.appVersion };
  }

  started(): void {
    const isFirst = this.#startedAtMs === Number.NEGATIVE_INFINITY && this.#timer === null;
    this.#noWorkerSince = null;
    if (!isFirst) return;
    // From a previous crashmon: news, undelivered messages, open episodes.
    setImmediate(() => {
      const { news, episodes, deliveries } = this.#pendingNotifications();
      if (news + episodes + deliveries > 0) this.#runIn(FIRST_RUN_MS);
    });
  }

  /** A report was added to the news. */
  reported(): void {
    this.#runIn(REPORT_RUN_MS);
  }

  /** What is due soon is sent by a notifier that outlives crashmon; the rest waits for the next crashmon. */
  async end(stopped: boolean): Promise<void> {
    this.#ended = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (!this.#isAnythingDueSoon()) return;
    if (process.pid !== 1) {
      if (!this.#isNotifierRunning()) this.#startSuccessor();
      return;
    }
    // When the first process of a container ends, all others do.
    const last = this.#start(null, { hurry: true });
    const deadline = new AbortController();
    await Promise.race([
      new Promise((resolve) => last.once('exit', resolve).once('error', resolve)),
      delay(stopped ? LAST_WAIT_MS.stopped : LAST_WAIT_MS.ended, deadline.signal),
    ]);
    deadline.abort();
  }

  /** Known at once: on a busy machine the next crashmon ends before this one has begun. */
  #startSuccessor(): void {
    const child = this.#start(process.pid);
    child.unref();
    const { pid } = child;
    if (pid === undefined) return;
    const owner = ownerName(pid);
    this.#parts.memory.write((journal) => journal.saveNotifier({ owner, sinceMs: Date.now() }));
  }

  #isAnythingDueSoon(): boolean {
    const { news, deliveries } = this.#pendingNotifications();
    if (news > 0 || deliveries > 0) return true;
    const wakeMs = this.#parts.memory.read((journal) => journal.notifyState())?.wakeMs ?? null;
    return wakeMs !== null && wakeMs - Date.now() < SOON_MS;
  }

  /** If another supervisor restarts crashmon in a crash loop, one notifier is enough for all of them. */
  #isNotifierRunning(): boolean {
    const notifier = this.#parts.memory.read((journal) => journal.notifier());
    if (notifier === null) return false;
    const forMs = Date.now() - notifier.sinceMs;
    return forMs >= 0 && forMs < NOTIFIER_RUNS_MS && isOwnerAlive(notifier.owner);
  }

  #pendingNotifications(): PendingNotifications {
    const none: PendingNotifications = { news: 0, episodes: 0, deliveries: 0 };
    return this.#parts.memory.read((journal) => journal.pendingNotifications()) ?? none;
  }

  #runIn(waitMs: number): void {
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
      this.#run();
    }, waitMs).unref();
  }

  #run(): void {
    const noWorkerMs = this.#noWorkerSince === null ? null : performance.now() - this.#noWorkerSince;
    if (noWorkerMs !== null && noWorkerMs < HEAD_START_MS) {
      this.#runIn(HEAD_START_MS);
      return;
    }
    const { turn = (work) => work() } = this.#parts;
    void turn(() => this.#notify());
  }

  /** Settles when the notifier has ended. */
  #notify(): Promise<void> {
    if (this.#ended || this.#process !== null) return Promise.resolve();
    this.#startedAtMs = performance.now();
    const child = this.#start(null);
    child.unref();
    this.#process = child;
    const timeout = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS).unref();
    return new Promise((resolve) => {
      const over = (succeeded: boolean) => {
        clearTimeout(timeout);
        resolve();
        if (this.#process !== child) return;
        this.#process = null;
        this.#onEnd(succeeded);
      };
      child.once('error', () => over(false));
      child.once('exit', (code) => over(code === 0));
    });
  }

  #onEnd(succeeded: boolean): void {
    const { memory, emit } = this.#parts;
    const again = this.#again;
    this.#again = null;
    if (this.#ended) return;
    if (!succeeded) {
      if (!this.#failed)
        emit({ event: 'problem', message: 'Crashmon could not send notifications; it will retry.' });
      this.#failed = true;
      this.#runIn(AFTER_FAILURE_MS);
      return;
    }
    this.#failed = false;
    const state: NotifyState | null = memory.read((journal) => journal.notifyState());
    for (const { problem, text } of state?.said ?? []) {
      if (problem) emit({ event: 'problem', message: text });
      else emit({ event: 'notified', text });
    }
    if (again !== null) this.#runIn(again);
    if (this.#pendingNotifications().news > 0) this.#runIn(BETWEEN_RUNS_MS);
    const wakeMs = state?.wakeMs ?? null;
    if (wakeMs !== null) this.#runIn(Math.min(LONGEST_MS, Math.max(100, wakeMs - Date.now())));
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
    // It can end before it has read everything.
    child.stdin?.on('error', () => {});
    child.stdin?.end(JSON.stringify(job));
    return child;
  }
}
