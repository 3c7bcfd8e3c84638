import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { formatStderrLog } from '../analysis/private-log.ts';
import { writePrivateLog } from '../journal/private-log.ts';
import { deleteRaw, rawDirectory } from '../journal/raw-capture.ts';
import type { EndedRun } from '../model/run.ts';
import { delay } from '../worker/delay.ts';
import { memoryDirectory } from '../worker/own-directory.ts';
import type { Emit } from './agent-event.ts';
import { NO_REPORT, startAnalyses } from './analysis-guard.ts';
import type { AnalysisJob } from './analysis-job.ts';
import type { Memory } from './memory.ts';
import { writeDump } from './native/dump-file.ts';
import type { FaultCapture } from './native/native-watch.ts';
import { keepNative, keepStderr, type StderrTail } from './raw-run.ts';

/** Longer than a guard needs for both attempts. */
const LAST_DEADLINE_MS = 120_000;
/** The restarted worker's own start has the processor to itself for so long. */
const HEAD_START_MS = 500;
/** In a crash loop without a cool-down more crashes come than can be analyzed; the oldest are dropped. */
const MAX_WAITING = 10;
/** Behind the standard streams. */
const FIRST_FREE_FD = 3;

export type AnalysesOptions = {
  directory: string | null;
  app: string;
  instance: string;
  appRoot: string;
  workspaceRoot: string | null;
  uid: number;
  memory: Memory;
  emit: Emit;
};

type Work = { ended: EndedRun; stderr: StderrTail | null; dumpFd: number | null };

/**
 * Makes reports of what was captured, one after the other, each in a short-lived process of its own at the lowest
 * priority: source maps need much memory, and the restarted worker needs the processor.
 */
export class Analyses {
  readonly #options: AnalysesOptions;
  readonly #waiting: Work[] = [];
  #current: Work | null = null;
  #working = false;
  #idle: Promise<void> = Promise.resolve();

  constructor(options: AnalysesOptions) {
    this.#options = options;
  }

  /**
   * Takes an exit that was recorded. What must outlive us is written down before this returns; the work begins
   * when the worker has been restarted.
   */
  add(ended: EndedRun, stderr: StderrTail | null, native: FaultCapture | null): void {
    const { directory } = this.#options;
    if (directory === null) return;
    let dumpFd: number | null = null;
    if (ended.captured) {
      const raw = rawDirectory(directory, ended.id);
      if (stderr !== null) this.#try(() => keepStderr(raw, stderr));
      if (native !== null)
        this.#try(() => {
          dumpFd = this.#keepNative(raw, native);
        });
    }
    this.#waiting.push({ ended, stderr, dumpFd });
    if (this.#waiting.length > MAX_WAITING) this.#giveUp(this.#leastWanted());
    if (!this.#working) this.#idle = this.#work();
  }

  /** Is this exit waiting for its report? */
  has(runId: string): boolean {
    return [this.#current, ...this.#waiting].some((work) => work?.ended.id === runId);
  }

  /** Waits until all is done, at most `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    const deadline = new AbortController();
    await Promise.race([this.#idle, delay(timeoutMs, deadline.signal)]);
    deadline.abort();
  }

  /** Before crashmon ends: what still waits is begun at once, and goes on without us. */
  handOver(): void {
    const captured: Work[] = [];
    for (const work of this.#waiting.splice(0)) {
      if (work.ended.captured) captured.push(work);
      else this.#logOnly(work);
    }
    if (captured.length > 0) {
      const dumps = captured.flatMap(({ dumpFd }) => (dumpFd === null ? [] : [dumpFd]));
      const jobs = captured.map(({ ended, dumpFd }) =>
        this.#job(ended.id, dumpFd === null ? null : FIRST_FREE_FD + dumps.indexOf(dumpFd)),
      );
      startAnalyses(jobs, dumps).on('error', () => {});
      captured.forEach(closeDump);
    }
  }

  /** The dump first: the record says whether there is one. */
  #keepNative(raw: string, { value, holdMs }: FaultCapture): number | null {
    const { chunks, ...facts } = value;
    const dumpFd = writeDump([memoryDirectory(this.#options.uid), raw], this.#options.uid, chunks);
    keepNative(raw, { v: 1, ...facts, holdMs, hasDump: dumpFd !== null });
    return dumpFd;
  }

  /** A crash loop goes on while a capture waits for its report, which is the one thing that says why. */
  #leastWanted(): Work | undefined {
    const oldest = this.#waiting.findIndex(({ ended }) => !ended.captured);
    return this.#waiting.splice(Math.max(0, oldest), 1)[0];
  }

  #giveUp(work: Work | undefined): void {
    if (work === undefined) return;
    closeDump(work);
    const { memory } = this.#options;
    const why = 'Crashes came faster than they could be analyzed.';
    if (work.ended.captured) memory.write((journal) => journal.markAnalysisFailed(work.ended.id, why));
    this.#logOnly(work);
  }

  async #work(): Promise<void> {
    this.#working = true;
    await delay(HEAD_START_MS);
    for (;;) {
      this.#current = this.#waiting.shift() ?? null;
      if (this.#current === null) break;
      if (this.#current.ended.captured) await this.#analyze(this.#current);
      else this.#logOnly(this.#current);
    }
    this.#working = false;
  }

  /** A crash that was not captured still gets its log: what it last wrote to standard error. */
  #logOnly({ ended, stderr }: Work): void {
    const { directory, app, instance } = this.#options;
    if (directory === null) return;
    this.#try(() => {
      if (!ended.verdict.counted) return;
      const stderrTail = stderr?.bytes.toString('utf8') ?? null;
      const text = formatStderrLog({ app, instance, ended, stderrTail });
      writePrivateLog(directory, { id: ended.id, diedAtMs: ended.diedAt.wallMs, text, captured: false });
    });
    this.#try(() => deleteRaw(directory, ended.id));
  }

  async #analyze(work: Work): Promise<void> {
    const { emit, memory } = this.#options;
    const { dumpFd } = work;
    const runId = work.ended.id;
    const job = this.#job(runId, dumpFd === null ? null : FIRST_FREE_FD);
    const dumps = dumpFd === null ? [] : [dumpFd];
    const done = await runAnalysis(job, dumps);
    // Who is told of the report may rely on it that the dump is gone.
    closeDump(work);
    if (done) {
      const text = memory.read((journal) => journal.report(runId));
      emit({ event: 'report', runId, hasStack: text !== null && hasStack(text) });
    } else {
      memory.write((journal) => journal.markAnalysisFailed(runId, 'The analysis process failed twice.'));
      emit({
        event: 'problem',
        message: `Cannot create the report of ${runId}: its analysis failed twice.`,
      });
    }
    this.#try(() => deleteRaw(job.directory, runId));
  }

  #job(runId: string, dumpFd: number | null): AnalysisJob {
    const { directory, app, instance, appRoot, workspaceRoot } = this.#options;
    const job = { directory: directory ?? '', runId, app, instance, appRoot, workspaceRoot };
    return { ...job, dumpFd, sourceMaps: true, giveUp: false };
  }

  /** Of crashmon's own nothing fails but itself: whatever it is, it is told. */
  #try(operation: () => void): void {
    try {
      operation();
    } catch (error) {
      this.#options.emit({ event: 'problem', message: (error as Error).message });
    }
  }
}

type Stack = { frames: readonly unknown[] };

/** Of an error, or of one that it came from. */
function hasStack(report: string): boolean {
  const { frames, causes, members } = JSON.parse(report) as Record<'causes' | 'members', Stack[]> & Stack;
  return [{ frames }, ...causes, ...members].some((part) => part.frames.length > 0);
}

function closeDump({ dumpFd }: Work): void {
  if (dumpFd !== null) closeSync(dumpFd);
}

/** @returns false when it failed or took too long; then nothing was stored, and the journal says so */
async function runAnalysis(job: AnalysisJob, dumps: readonly number[]): Promise<boolean> {
  const ended = await analysisEnd(job, dumps);
  // Its guard was killed: nobody sees to the rest.
  return ended === null ? (await analysisEnd(job, dumps)) === 0 : ended === 0;
}

/** Exit code of the guard, null where it was killed. */
function analysisEnd(job: AnalysisJob, dumps: readonly number[]): Promise<number | null> {
  return new Promise((resolve) => {
    const guard = startAnalyses([job], dumps);
    // Where nothing of the system's keeps its deadline.
    const timeout = setTimeout(() => killSession(guard), LAST_DEADLINE_MS).unref();
    const settle = (code: number | null) => {
      clearTimeout(timeout);
      resolve(code);
    };
    guard.once('error', () => settle(NO_REPORT));
    guard.once('exit', settle);
  });
}

function killSession({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Ended already.
  }
}
