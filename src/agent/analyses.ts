import { closeSync } from 'node:fs';
import { formatStderrLog } from '../analysis/stderr-log.ts';
import type { KeptMemory } from '../debugger/kept-memory.ts';
import { writePrivateLog } from '../journal/private-log.ts';
import { deleteRaw, ensureRaw, rawDirectory } from '../journal/raw-capture.ts';
import type { HeldDump } from '../model/held-dump.ts';
import type { EndedRun } from '../model/run.ts';
import type { WholeMemoryObstacle } from '../model/whole-memory.ts';
import { delay } from '../worker/delay.ts';
import { memoryDirectory } from '../worker/own-directory.ts';
import type { Emit } from './agent-event.ts';
import { startAnalyses } from './analysis-guard.ts';
import type { AnalysisTask, ProgramRoots } from './analysis-job.ts';
import { type DeathEvidence, keepDeath } from './last-words/death-evidence.ts';
import type { Memory } from './memory.ts';
import { writeDump } from './native/dump-file.ts';
import type { FaultCapture } from './native/native-watch.ts';
import {
  keepHeldProgram,
  keepMoreStderr,
  keepNative,
  keepStderr,
  type LiveTail,
  type StderrTail,
} from './raw-run.ts';
import { runAnalysis } from './run-analysis.ts';

/** For so long the restarted worker has the processor to itself. */
const HEAD_START_MS = 500;
/** Last words are few and are wanted at once: they are read soon after the next worker was started. */
const WORDS_HEAD_START_MS = 50;
/** In a crash loop without a cool-down more crashes come than can be analyzed; the oldest are dropped. */
const MAX_WAITING = 10;

/** Runs work once it is its turn. */
export type Turn = <Result>(work: () => Promise<Result>) => Promise<Result>;

export type AnalysesOptions = {
  directory: string | null;
  app: string;
  instance: string;
  appRoot: string;
  workspaceRoot: string | null;
  uid: number;
  /** They do not give way to the worker. */
  hurry?: boolean;
  /** Absent: the program has the root directory of this process. */
  roots?: ProgramRoots;
  /** Waits until it is the turn of an analysis; at once if not given. */
  turn?: Turn;
  memory: Memory;
  emit: Emit;
};

/** What is known of an exit beside its record. */
export type ReportEvidence = {
  stderr: StderrTail | LiveTail | null;
  native: FaultCapture | null;
  /** In a session: the dump of a process that no fatal signal ended. */
  heldDump?: HeldDump | null;
  death: DeathEvidence | null;
};

type Work = {
  ended: EndedRun;
  /** Where its report comes from; `log`: there is none, only the log of its standard error. */
  from: 'capture' | 'last-words' | 'log';
  stderr: StderrTail | LiveTail | null;
  dumpFd: number | null;
  whole: KeptWhole | WholeMemoryObstacle | null;
};

/** `maps`: a file descriptor. */
type KeptWhole = { memory: KeptMemory; maps: number };

/**
 * Creates reports of captured exits and of last words, one after the other, each in a short process at the lowest
 * priority: source maps need much memory, and the restarted worker needs the processor.
 */
export class Analyses {
  readonly #options: AnalysesOptions;
  readonly #waiting: Work[] = [];
  #current: Work | null = null;
  #working = false;
  #headStart = new AbortController();
  #idle: Promise<void> = Promise.resolve();

  constructor(options: AnalysesOptions) {
    this.#options = options;
  }

  /**
   * Takes a recorded exit. What must outlive crashmon is stored before this returns; the work begins after the restart.
   */
  add(ended: EndedRun, evidence: ReportEvidence): void {
    const { directory } = this.#options;
    if (directory === null) return;
    const { stderr } = evidence;
    if (ended.captured) {
      const dumpFd = this.#keepCapture(directory, ended.id, evidence);
      const whole = this.#keepWhole(directory, ended.id, evidence.native);
      this.#begin({ ended, from: 'capture', stderr, dumpFd, whole });
    } else {
      const isKept = isReadable(ended) && this.#keepWords(directory, ended.id, evidence);
      this.#begin({ ended, from: isKept ? 'last-words' : 'log', stderr, dumpFd: null, whole: null });
    }
  }

  /** Takes an exit of an earlier crashmon, whose evidence is still there. */
  resume(ended: EndedRun): void {
    const from = ended.captured ? 'capture' : 'last-words';
    this.#begin({ ended, from, stderr: null, dumpFd: null, whole: null });
  }

  /** The next worker runs, or will not for a while: completes the evidence, and ends the head start for last words. */
  release(): void {
    for (const work of this.#waiting) this.#complete(work);
    if (this.#waiting.some(({ from }) => from === 'capture')) return;
    const headStart = this.#headStart;
    setTimeout(() => headStart.abort(), WORDS_HEAD_START_MS).unref();
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
    const reported: Work[] = [];
    for (const work of this.#waiting.splice(0)) {
      if (work.from === 'log') this.#logOnly(work);
      else reported.push(work);
    }
    if (reported.length === 0) return;
    using used = this.#options.roots?.useNow();
    const root = used?.root ?? 'host';
    startAnalyses(reported.map((work) => ({ ...this.#task(work), root }))).on('error', () => {});
    for (const work of reported) closeDump(work, { leave: true });
  }

  #begin(work: Work): void {
    this.#waiting.push(work);
    if (this.#waiting.length > MAX_WAITING) this.#drop(this.#leastWanted());
    if (!this.#working) this.#idle = this.#work();
  }

  /** @returns the file descriptor of the dump; null if there is none */
  #keepCapture(
    directory: string,
    runId: string,
    { stderr, native, death, heldDump = null }: ReportEvidence,
  ): number | null {
    const raw = rawDirectory(directory, runId);
    let dumpFd: number | null = null;
    // A run that was not armed has none.
    if (native !== null) this.#try(() => ensureRaw(directory, runId));
    if (stderr !== null) this.#try(() => keepStderr(raw, stderr));
    if (death !== null) this.#try(() => keepDeath(raw, death));
    if (native !== null)
      this.#try(() => {
        dumpFd = this.#keepNative(raw, native);
      });
    else if (heldDump !== null)
      this.#try(() => {
        keepHeldProgram(ensureRaw(directory, runId), heldDump.executable);
        if (heldDump.chunks.length > 0) dumpFd = this.#writeDump(raw, heldDump.chunks);
      });
    return dumpFd;
  }

  #keepWords(directory: string, runId: string, { stderr, death }: ReportEvidence): boolean {
    if (death === null) return false;
    return this.#try(() => {
      const raw = ensureRaw(directory, runId);
      if (stderr !== null) keepStderr(raw, stderr);
      keepDeath(raw, death);
    });
  }

  /** What judges an exit is the end of its standard error; last words can begin earlier. */
  #complete(work: Work): void {
    const { directory } = this.#options;
    const { from, stderr, ended } = work;
    if (directory === null || from !== 'last-words' || stderr === null || !('more' in stderr)) return;
    const { more, bytes, offset } = stderr;
    work.stderr = { bytes, offset };
    this.#try(() => {
      const whole = more();
      if (whole !== null) keepMoreStderr(rawDirectory(directory, ended.id), stderr, whole);
    });
  }

  /** The dump first: the record says whether there is one. */
  #keepNative(raw: string, { value, holdMs }: FaultCapture): number | null {
    const { chunks, whole, ...facts } = value;
    const dumpFd = this.#writeDump(raw, chunks);
    keepNative(raw, { v: 1, ...facts, holdMs, hasDump: dumpFd !== null });
    return dumpFd;
  }

  #writeDump(raw: string, chunks: readonly Uint8Array[]): number | null {
    return writeDump([memoryDirectory(this.#options.uid), raw], this.#options.uid, chunks);
  }

  /** All memory of a process in a session that wants it. */
  #keepWhole(directory: string, runId: string, native: FaultCapture | null): Work['whole'] {
    const whole = native?.value.whole ?? null;
    if (whole === null || typeof whole === 'string') return whole;
    if (!whole.claim()) {
      whole.release();
      return 'lost';
    }
    const maps = this.#writeDump(rawDirectory(directory, runId), [Buffer.from(whole.maps)]);
    if (maps !== null) return { memory: whole, maps };
    whole.release();
    return 'lost';
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
    this.#headStart = new AbortController();
    using _expected = this.#options.roots?.expect();
    await delay(HEAD_START_MS, this.#headStart.signal);
    for (;;) {
      this.#current = this.#waiting.shift() ?? null;
      if (this.#current === null) break;
      if (this.#current.from === 'log') this.#logOnly(this.#current);
      else await this.#analyze(this.#current);
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
    const runId = work.ended.id;
    this.#complete(work);
    const task = this.#task(work);
    const { turn = (analysis) => analysis() } = this.#options;
    const { roots } = this.#options;
    const done = await turn(async () => {
      using used = await roots?.use();
      return runAnalysis(used === undefined ? task : { ...task, root: used.root });
    });
    // First: what waits for the report relies on the dump being gone.
    closeDump(work);
    if (done) this.#report(work);
    else this.#reportFailure(work);
    this.#try(() => deleteRaw(task.directory, runId));
  }

  #report({ ended, from }: Work): void {
    const { emit, memory } = this.#options;
    const text = memory.read((journal) => journal.report(ended.id));
    // There were none.
    if (text === null && from === 'last-words') return;
    const title = memory.read((journal) => journal.groupOf(ended.id))?.title ?? null;
    const found = { runId: ended.id, title, hasStack: text !== null && hasStack(text) };
    if (from === 'capture')
      emit({ event: 'report', ...found, hasMemory: text !== null && 'memory' in JSON.parse(text) });
    else emit({ event: eventOf(text), ...found });
  }

  #reportFailure(work: Work): void {
    const { emit, memory } = this.#options;
    const { id } = work.ended;
    if (work.from === 'capture') memory.write((journal) => journal.markAnalysisFailed(id, 'analysis-failed'));
    else if (work.stderr !== null) this.#logOnly(work);
    emit({ event: 'problem', message: `Cannot create the report of ${id}: its analysis failed twice.` });
  }

  #task({ ended, dumpFd, whole }: Work): AnalysisTask {
    const { directory, app, instance, appRoot, workspaceRoot, hurry = false } = this.#options;
    const root = this.#options.roots?.isOther === true ? 'unknown' : 'host';
    const common = { app, instance, appRoot, workspaceRoot };
    const memory =
      whole === null || typeof whole === 'string' ? whole : { ...whole.memory.files, maps: whole.maps };
    const all = memory === null ? {} : { whole: memory };
    return { directory: directory ?? '', runId: ended.id, ...common, dumpFd, ...all, root, hurry };
  }

  /** A failure of crashmon's own is reported, and affects nothing else. @returns did it succeed? */
  #try(operation: () => void): boolean {
    try {
      operation();
      return true;
    } catch (error) {
      this.#options.emit({ event: 'problem', message: (error as Error).message });
      return false;
    }
  }
}

/** Can what it printed last be about this exit? */
function isReadable({ verdict }: EndedRun): boolean {
  return verdict.counted && verdict.kind !== 'oom-kill';
}

function eventOf(report: string | null): 'last-words' | 'system-core' {
  const { source } = JSON.parse(report ?? '{}') as { source?: unknown };
  return source === 'system-core' ? 'system-core' : 'last-words';
}

type Stack = { frames: readonly unknown[] };

/** Of an error, or of one of its causes. */
function hasStack(report: string): boolean {
  const { frames, causes, members } = JSON.parse(report) as Record<'causes' | 'members', Stack[]> & Stack;
  return [{ frames }, ...causes, ...members].some((part) => part.frames.length > 0);
}

/** @param options.leave an analysis that goes on without us has them */
function closeDump({ dumpFd, whole }: Work, options?: { leave: boolean }): void {
  if (dumpFd !== null) closeSync(dumpFd);
  if (whole === null || typeof whole === 'string') return;
  whole.memory.release(options);
  closeSync(whole.maps);
}
