import type { Instant } from '../../model/instant.ts';
import type { ProcessMemoryRecord } from '../../model/memory.ts';
import type { EndedRun, Run } from '../../model/run.ts';
import { type DeathStorm, NO_STORM, withDeath } from '../../policy/death-storm.ts';
import type { ChildEnd, WatchedChild } from './child-exit.ts';
import type { ChildrenParts, Said } from './children-parts.ts';
import { startedAtUptimeMs, uptimeMs } from './find-children.ts';
import { judgeDeath } from './judge-death.ts';
import { settleChildExit } from './settle-child-exit.ts';

/** How long a death waits for what its master does: start another, or end. */
const WAIT_MS = 1_000;
/** On a busy machine an exit is known so much later. */
const NEWS_MS = 250;

/** Short programs of `--children` can end unseen all the time: after the first number, a line a minute. */
const COUNT_EVERY_MS = 60_000;

/** Of a storm the others are only counted. */
const MAX_WAITING = 256;

/** The end of a process, while its master may start another. */
type Waiting = {
  child: WatchedChild;
  end: ChildEnd;
  diedAt: Instant;
  diedAtUptimeMs: number;
  oomKills: number | null;
  memory: ProcessMemoryRecord | null;
  said: Said | null | Promise<Said | null>;
  timer: NodeJS.Timeout;
};

/** Judges the ends of processes below the main one, and records them, each once. */
export class ChildDeaths {
  readonly #parts: ChildrenParts;
  readonly #onRecorded: (ended: EndedRun) => void;
  #run: Run | null = null;
  #oomKills: () => number | null = () => null;
  #oomKillsBefore = 0;
  #storm: DeathStorm = NO_STORM;
  readonly #waiting = new Set<Waiting>();
  /** Of which only the number is known, by name; recorded together. */
  readonly #counted = new Map<string, number>();
  #countTimer: NodeJS.Timeout | undefined;
  #countedAtMs = Number.NEGATIVE_INFINITY;
  /** In the order of their replacements. */
  #order: Promise<void> = Promise.resolve();

  /** @param onRecorded the state of the app may be another now */
  constructor(parts: ChildrenParts, onRecorded: (ended: EndedRun) => void) {
    this.#parts = parts;
    this.#onRecorded = onRecorded;
  }

  begin(run: Run, oomKills: () => number | null): void {
    this.#run = run;
    this.#oomKills = oomKills;
    this.#oomKillsBefore = 0;
    this.#parts.words.beginRun();
  }

  /** A process below the main one has ended, just now. @param memory what it used near a limit */
  ended(child: WatchedChild, end: ChildEnd, memory: ProcessMemoryRecord | null): void {
    const { clock, words, isStopping } = this.#parts;
    // The stop of a master ends all of its workers.
    if (this.#run === null || isStopping()) return;
    const oomKills = this.#newOomKills();
    const said = words.of(child, end);
    if (this.#waiting.size >= MAX_WAITING) {
      this.#onlyCounted(child);
      return;
    }
    const timer = setTimeout(() => this.#settle(waiting, null), WAIT_MS).unref();
    const at = { diedAt: clock(), diedAtUptimeMs: uptimeMs() };
    const waiting: Waiting = { child, end, ...at, oomKills, memory, said, timer };
    this.#waiting.add(waiting);
  }

  /** A master has started another worker: it replaces the one that ended first. */
  started(child: WatchedChild): void {
    for (const waiting of this.#waiting) {
      const { process } = waiting.child;
      const isOfSame = process.role === child.process.role && process.name === child.process.name;
      const afterMs = startedAtUptimeMs(child.startTicks) - waiting.diedAtUptimeMs;
      // Start times have steps of 10 ms, and the news of an exit can come later than the next start.
      if (!isOfSame || afterMs < -NEWS_MS) continue;
      this.#settle(waiting, Math.max(0, Math.round(afterMs)));
      return;
    }
  }

  /**
   * The main process has ended.
   * @param crashed its own exit is the crash: it ended because of what waits, e.g. a worker that fails to boot
   * @returns settles once all are recorded
   */
  end(crashed: boolean): Promise<void> {
    for (const waiting of [...this.#waiting]) {
      if (crashed) clearTimeout(waiting.timer);
      else this.#settle(waiting, null);
    }
    this.#waiting.clear();
    this.#run = null;
    return this.#order.then(() => {
      this.#recordCounts();
      return this.#order;
    });
  }

  #settle(waiting: Waiting, replacedAfterMs: number | null): void {
    clearTimeout(waiting.timer);
    this.#waiting.delete(waiting);
    const run = this.#run;
    if (run === null) return;
    if (waiting.end.status.type === 'unknown') {
      this.#onlyCounted(waiting.child);
      return;
    }
    const { settling } = this.#parts;
    this.#order = this.#order
      .then(async () => {
        const { child, end, said, ...circumstances } = waiting;
        const death = judgeDeath(child, end, { ...circumstances, said: await said });
        if (death === null) return;
        const storm = withDeath(this.#storm, waiting.diedAt.monotonicMs);
        if (storm === null) {
          this.#onlyCounted(child);
          return;
        }
        this.#storm = storm;
        const parts = await settling();
        const canDebug = this.#parts.debuggers !== null;
        if (parts !== null)
          this.#onRecorded(settleChildExit({ ...parts, canDebug }, run, death, replacedAfterMs));
      })
      .catch((error: Error) => this.#isNotRecorded(waiting.child.process.name, error));
  }

  /** If its end is not known it is no crash, because such processes can end so. */
  #onlyCounted({ process: { name } }: WatchedChild): void {
    this.#counted.set(name, (this.#counted.get(name) ?? 0) + 1);
    const isAgain = performance.now() - this.#countedAtMs < COUNT_EVERY_MS;
    this.#countTimer ??= setTimeout(() => this.#recordCounts(), isAgain ? COUNT_EVERY_MS : WAIT_MS).unref();
  }

  #recordCounts(): void {
    clearTimeout(this.#countTimer);
    this.#countTimer = undefined;
    if (this.#counted.size === 0) return;
    this.#countedAtMs = performance.now();
    const { clock, emit, settling } = this.#parts;
    for (const [name, count] of this.#counted) {
      this.#order = this.#order
        .then(async () => {
          const { memory } = (await settling()) ?? {};
          memory?.write((journal) => journal.addMissedWorkers(count, clock().wallMs));
          if (memory !== undefined) emit({ event: 'missed-workers', name, count });
        })
        .catch((error: Error) => this.#isNotRecorded(name, error));
    }
    this.#counted.clear();
  }

  #isNotRecorded(name: string, error: Error): void {
    const message = `The end of a worker of ${name} is not recorded: ${error.message}`;
    this.#parts.emit({ event: 'problem', message });
  }

  /** The counter is of all processes of the run. */
  #newOomKills(): number | null {
    const kills = this.#oomKills();
    if (kills === null) return null;
    const added = kills - this.#oomKillsBefore;
    this.#oomKillsBefore = kills;
    return added;
  }
}
