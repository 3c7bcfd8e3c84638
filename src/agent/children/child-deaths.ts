import { hasTimedOut } from '../../formats/crash-output/worker-timeout.ts';
import type { Run } from '../../model/run.ts';
import { classifyChildExit } from '../../policy/classify-child-exit.ts';
import { NO_STORM, withDeath } from '../../policy/death-storm.ts';
import type { MonitorParts } from '../monitor-parts.ts';
import { stderrEvidence } from '../run-evidence.ts';
import type { ChildEnd, WatchedChild } from './child-watch.ts';
import { type ChildDeath, settleChildExit } from './settle-child-exit.ts';
import { SharedStderr } from './shared-stderr.ts';

/** How long a death waits for what its master does: start another, or end. */
const WAIT_MS = 1_000;
/** On a busy machine an exit is known so much later. */
const NEWS_MS = 250;
/** What was printed earlier is of another time. */
const WORDS_MS = 1_000;

/** Judges the ends of processes below the main one, and records them, each once. */
export class ChildDeaths {
  readonly #parts: MonitorParts;
  readonly #stderr: SharedStderr;
  #run: Run | null = null;
  #oomKills: () => number | null = () => null;
  #oomKillsBefore = 0;
  #storm = NO_STORM;
  readonly #waiting = new Map<ChildDeath, NodeJS.Timeout>();

  constructor(parts: MonitorParts) {
    this.#parts = parts;
    this.#stderr = new SharedStderr(parts.stderr);
  }

  begin(run: Run, oomKills: () => number | null): void {
    this.#run = run;
    this.#oomKills = oomKills;
    this.#oomKillsBefore = 0;
    this.#stderr.beginRun();
  }

  /** A process below the main one has ended, just now. */
  ended(child: WatchedChild, end: ChildEnd): void {
    const { clock, stop, emit } = this.#parts;
    // The stop of a master ends all of its workers.
    if (this.#run === null || stop.asked !== null) return;
    const diedAt = clock();
    const said = this.#stderr.sinceLastDeath(end.atMs);
    const { process, program } = child;
    const text = said?.bytes.toString('utf8') ?? null;
    const recent = said !== null && said.silenceMs <= WORDS_MS ? text : null;
    const master = process.role === 'worker' ? process.name : null;
    const verdict = classifyChildExit(end.status, {
      ...stderrEvidence(recent),
      oomKills: this.#newOomKills(),
      runtime: program === null ? 'unknown' : program.runtime === 'node' ? 'node' : 'other',
      master,
      hung: text !== null && master !== null && hasTimedOut(text, master, process.pid),
    });
    if (verdict === null) return;
    const { record, ...storm } = withDeath(this.#storm, diedAt.monotonicMs);
    this.#storm = storm;
    if (!record) {
      if (storm.skipped === 1) emit({ event: 'problem', message: TOO_MANY });
      return;
    }
    const death = { child, end, diedAt, verdict, stderr: said, silenceMs: said?.silenceMs ?? 0 };
    const timer = setTimeout(() => this.#settle(death, null), WAIT_MS).unref();
    this.#waiting.set(death, timer);
  }

  /** A master has started another worker: it replaces the one that ended first. */
  started(child: WatchedChild): void {
    for (const death of this.#waiting.keys()) {
      const { process } = death.child;
      const isOfSame = process.role === child.process.role && process.name === child.process.name;
      const afterMs = child.startedAtMs - death.end.atMs;
      // Start times have steps of 10 ms, and the news of an exit can come later than the next start.
      if (!isOfSame || afterMs < -NEWS_MS) continue;
      this.#settle(death, Math.max(0, Math.round(afterMs)));
      return;
    }
  }

  /**
   * The main process has ended.
   * @param crashed its own exit is the crash: it ended because of what waits, e.g. a worker that fails to boot
   */
  end(crashed: boolean): void {
    for (const [death, timer] of this.#waiting) {
      if (crashed) clearTimeout(timer);
      else this.#settle(death, null);
    }
    this.#waiting.clear();
    this.#run = null;
  }

  #settle(death: ChildDeath, replacedAfterMs: number | null): void {
    clearTimeout(this.#waiting.get(death));
    this.#waiting.delete(death);
    if (this.#run !== null) settleChildExit(this.#parts, this.#run, death, replacedAfterMs);
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

const TOO_MANY = 'Workers crash faster than crashmon records: it records 20 crashes in 10 seconds.';
