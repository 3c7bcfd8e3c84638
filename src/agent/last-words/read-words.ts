import { lastWordsReport } from '../../analysis/last-words-report.ts';
import { OUT_OF_MEMORY } from '../../formats/last-words/java/read-out-of-memory.ts';
import { readLastWords } from '../../formats/last-words/readers.ts';
import { workerLines } from '../../formats/last-words/worker-lines.ts';
import type { StoredExit } from '../../journal/run-rows.ts';
import type { CrashReport } from '../../model/crash-report.ts';
import type { CrashKind } from '../../model/exit.ts';
import { problem } from '../../model/problem.ts';
import { proveDeath } from '../../policy/prove-death.ts';
import type { ReadDeath } from '../../policy/revise-verdict.ts';
import { appRootOf } from '../../symbols/app-root.ts';
import { FrameMapper } from '../../symbols/frame-mapper.ts';
import { isOnDisk } from '../../symbols/is-on-disk.ts';
import { readFatalErrorLog } from '../../symbols/java/fatal-error-log.ts';
import { readSource } from '../../symbols/read-source.ts';
import { changedAtMs, scriptHashes } from '../../symbols/script-files.ts';
import type { AnalysisJob } from '../analysis-job.ts';
import { type DeathEvidence, hasOwnLog } from './death-evidence.ts';
import { executableOf, printedPath, vouchersOf } from './vouchers.ts';

/** Last words of an exit, judged by it. */
export type WordsOfExit = ReadDeath & {
  /** @param kind of the verdict after the words were read */
  report: (kind: CrashKind) => CrashReport;
};

type Evidence = {
  death: DeathEvidence;
  /** null if it was not kept. */
  stderrTail: string | null;
  /** As `proveDeath` has it. */
  unrecorded: boolean;
};

/** Reads what the runtime of an exit printed last; null if there is nothing that can be about this exit. */
export function readWordsOf(job: AnalysisJob, ended: StoredExit, evidence: Evidence): WordsOfExit | null {
  const { death, stderrTail, unrecorded } = evidence;
  const { program } = death;
  const { runtime, pid, cwd, seenAtMs } = program;
  const file = ownLogOf(death);
  const shared = death.shared === true;
  const { text, isNamed } = file === null ? ownWords(stderrTail, ended) : { text: file, isNamed: false };
  if (text === null) return null;
  using executable = executableOf(program);
  const read = readLastWords(runtime, text, vouchersOf(program, executable));
  if (read === null) return null;
  const words = isNamed && read.form === 'traceback' ? { ...read, form: 'worker-process', pid } : read;
  const silenceMs = file === null ? death.silenceMs : null;
  const { status } = ended;
  const proof = proveDeath({ status, runtime, words, pid, silenceMs, unrecorded, shared });
  if (proof === null) return null;
  const { runId, app, instance, workspaceRoot } = job;
  const appRoot = appRootOf(runtime, cwd, job.appRoot);
  const about = executable === null ? null : { version: executable.version, module: executable.module };
  return {
    ...{ status, runtime, words, proof },
    report: (kind) =>
      lastWordsReport({
        ...{ id: runId, app, instance, appRoot, workspaceRoot, status, runtime, words, proof, kind },
        diedAtMs: ended.diedAt.wallMs,
        startedAtMs: seenAtMs,
        executable: about,
        problems: job.sourceMaps ? [] : [problem('symbols-failed')],
        symbols: job.sourceMaps
          ? new FrameMapper(appRoot)
          : { mapFrames: (frames) => [...frames], problems: () => [] },
        readSource,
        isOnDisk,
        scripts: { hashes: scriptHashes, changedAtMs, strippedHashes: () => [] },
        pathOf: (printed) => printedPath(printed, cwd),
      }),
  };
}

/** Of what all processes of the run wrote, what can be of the one that ended. */
function ownWords(tail: string | null, { process }: StoredExit): { text: string | null; isNamed: boolean } {
  if (tail === null || process.role === 'main') return { text: tail, isNamed: false };
  return workerLines(tail, process.role === 'worker' ? process.name : null, process.pid);
}

/** Last words that are in a file of the runtime. What the JVM prints on standard output is known by what it left. */
function ownLogOf({ program, outOfMemory }: DeathEvidence): string | null {
  if (outOfMemory) return OUT_OF_MEMORY;
  return hasOwnLog(program.runtime) ? readFatalErrorLog(program) : null;
}
