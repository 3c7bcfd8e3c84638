import { closeSync } from 'node:fs';
import { formatStderrLog } from '../analysis/stderr-log.ts';
import { writePrivateLog } from '../journal/private-log.ts';
import { deleteRaw, rawDirectory } from '../journal/raw-capture.ts';
import type { EndedRun } from '../model/run.ts';
import { delay } from '../worker/delay.ts';
import { memoryDirectory } from '../worker/own-directory.ts';
import type { Emit } from './agent-event.ts';
import { startAnalyses } from './analysis-guard.ts';
import type { AnalysisTask } from './analysis-job.ts';
import type { Memory } from './memory.ts';
import { writeDump } from './native/dump-file.ts';
import type { FaultCapture } from './native/native-watch.ts';
import { keepNative, keepStderr, type StderrTail } from './raw-run.ts';
import { runAnalysis } from './run-analysis.ts';

/** For so long the restarted worker has the processor to itself. */
const HEAD_START_MS = 500;
/** In a crash loop without a cool-down more crashes come than can be analyzed; the oldest are dropped. */
const MAX_WAITING = 10;

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
 * Creates reports of captured exits, one after the other, each in a short process at the lowest priority: source maps
 * need much memory, and the restarted worker needs the processor.
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
   * Takes a recorded exit. What must outlive crashmon is stored before this returns; the work begins after the restart.
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
    if (this.#waiting.length > MAX_WAITING) this.#drop(this.#leastWanted());
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

  /** Before crashmon ends: starts what still waits, which continues without us. */
  handOver(): void {
    const captured: Work[] = [];
    for (const work of this.#waiting.splice(0)) {
      if (work.ended.captured) captured.push(work);
      else this.#logOnly(work);
    }
    if (captured.length === 0) return;
    startAnalyses(captured.map((work) => this.#task(work))).on('error', () => {});
    captured.forEach(closeDump);
  }

  /** The dump first: the record says whether there is one. */
  #keepNative(raw: string, { value, holdMs }: FaultCapture): number | null {
    const { chunks, ...facts } = value;
    const dumpFd = writeDump([memoryDirectory(this.#options.uid), raw], this.#options.uid, chunks);
    keepNative(raw, { v: 1, ...facts, holdMs, hasDump: dumpFd !== null });
    return dumpFd;
  }

  /** Not a capture, which is the one thing that explains a crash loop. */
  #leastWanted(): Work | undefined {
    const oldest = this.#waiting.findIndex(({ ended }) => !ended.captured);
    return this.#waiting.splice(Math.max(0, oldest), 1)[0];
  }

  #drop(work: Work | undefined): void {
    if (work === undefined) return;
    closeDump(work);
    const { memory } = this.#options;
    const { captured, id } = work.ended;
    if (captured) memory.write((journal) => journal.markAnalysisFailed(id, 'too-many-crashes'));
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

  /** A crash that was not captured still gets a log: the end of its standard error. */
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
    const runId = work.ended.id;
    const task = this.#task(work);
    const done = await runAnalysis(task);
    // First: what waits for the report relies on the dump being gone.
    closeDump(work);
    if (done) {
      const text = memory.read((journal) => journal.report(runId));
      emit({ event: 'report', runId, hasStack: text !== null && hasStack(text) });
    } else {
      memory.write((journal) => journal.markAnalysisFailed(runId, 'analysis-failed'));
      const message = `Cannot create the report of ${runId}: its analysis failed twice.`;
      emit({ event: 'problem', message });
    }
    this.#try(() => deleteRaw(task.directory, runId));
  }

  #task({ ended, dumpFd }: Work): AnalysisTask {
    const { directory, app, instance, appRoot, workspaceRoot } = this.#options;
    return { directory: directory ?? '', runId: ended.id, app, instance, appRoot, workspaceRoot, dumpFd };
  }

  /** A failure of crashmon's own is reported, and affects nothing else. */
  #try(operation: () => void): void {
    try {
      operation();
    } catch (error) {
      this.#options.emit({ event: 'problem', message: (error as Error).message });
    }
  }
}

type Stack = { frames: readonly unknown[] };

/** Of an error, or of one of its causes. */
function hasStack(report: string): boolean {
  const { frames, causes, members } = JSON.parse(report) as Record<'causes' | 'members', Stack[]> & Stack;
  return [{ frames }, ...causes, ...members].some((part) => part.frames.length > 0);
}

function closeDump({ dumpFd }: Work): void {
  if (dumpFd !== null) closeSync(dumpFd);
}
