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
import { FrameMapper, MAX_MAP_BYTES } from '../../symbols/frame-mapper.ts';
import { isOnDisk } from '../../symbols/is-on-disk.ts';
import { readFatalErrorLog } from '../../symbols/java/fatal-error-log.ts';
import type { Locate } from '../../symbols/locate.ts';
import { readSource } from '../../symbols/read-source.ts';
import { changedAtMs, scriptHashes } from '../../symbols/script-files.ts';
import type { AnalysisJob } from '../analysis-job.ts';
import { locateOf } from '../locate-of.ts';
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
  const { runtime, cwd, seenAtMs } = program;
  // What it prints has the ID that it knows.
  const pid = program.ownPid ?? program.pid;
  const locate = locateOf(job.root);
  const file = ownLogOf(death, ended, locate);
  const shared = death.shared === true;
  const { text, isNamed } =
    file === null ? ownWords(recentPart(stderrTail, death), ended, pid) : { text: file, isNamed: false };
  if (text === null) return null;
  using executable = executableOf(program, locate);
  // Of what was not captured, only a supervisor (PM2) knows it before the words are read.
  const isReported = ended.verdict.reason.code === 'uncaught-exception';
  const read = readLastWords(runtime, text, vouchersOf(program, executable, locate), isReported);
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
          ? new FrameMapper(appRoot, MAX_MAP_BYTES, locate)
          : { mapFrames: (frames) => [...frames], problems: () => [] },
        readSource: (path) => readSource(locate(path)),
        isOnDisk: (path) => isOnDisk(path, locate),
        scripts: {
          hashes: (path) => scriptHashes(locate(path)),
          changedAtMs: (path) => changedAtMs(locate(path)),
          strippedHashes: () => [],
        },
        pathOf: (printed) => printedPath(printed, cwd),
      }),
  };
}

/** What was printed long before the exit is not about it. */
function recentPart(tail: string | null, { recentBytes }: DeathEvidence): string | null {
  if (tail === null || recentBytes === undefined) return tail;
  const bytes = Buffer.from(tail);
  return bytes.toString('utf8', Math.max(0, bytes.length - Math.max(0, recentBytes)));
}

/** Of what all processes of the run wrote, what can be of the one that ended. */
function ownWords(
  tail: string | null,
  { process }: StoredExit,
  pid: number | null,
): { text: string | null; isNamed: boolean } {
  if (tail === null || process.role === 'main') return { text: tail, isNamed: false };
  return workerLines(tail, process.role === 'worker' ? process.name : null, pid ?? process.pid);
}

/** Last words that are in a file of the runtime. What the JVM prints on standard output is known by what it left. */
function ownLogOf({ program, outOfMemory }: DeathEvidence, ended: StoredExit, locate: Locate): string | null {
  if (outOfMemory) return OUT_OF_MEMORY;
  const life = { fromMs: ended.startedAt.wallMs, untilMs: ended.diedAt.wallMs };
  return hasOwnLog(program.runtime) ? readFatalErrorLog(program, life, locate) : null;
}
