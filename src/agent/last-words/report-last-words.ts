import { lastWordsReport } from '../../analysis/last-words-report.ts';
import { formatPrivateLog } from '../../analysis/private-log.ts';
import { formatStderrLog } from '../../analysis/stderr-log.ts';
import { OUT_OF_MEMORY } from '../../formats/last-words/java/read-out-of-memory.ts';
import { readLastWords } from '../../formats/last-words/readers.ts';
import type { Journal } from '../../journal/journal.ts';
import { writePrivateLog } from '../../journal/private-log.ts';
import type { StoredExit } from '../../journal/run-rows.ts';
import { problem } from '../../model/problem.ts';
import { proveDeath } from '../../policy/prove-death.ts';
import { reviseVerdict } from '../../policy/revise-verdict.ts';
import { recordsAll } from '../../policy/worker-preparation.ts';
import { redact } from '../../privacy/redact.ts';
import { FrameMapper } from '../../symbols/frame-mapper.ts';
import { isOnDisk } from '../../symbols/is-on-disk.ts';
import { readFatalErrorLog } from '../../symbols/java/fatal-error-log.ts';
import { readSource } from '../../symbols/read-source.ts';
import { changedAtMs, scriptHashes } from '../../symbols/script-files.ts';
import type { AnalysisJob } from '../analysis-job.ts';
import type { RawRun } from '../raw-run.ts';
import { storeReport } from '../store-report.ts';
import { type DeathEvidence, hasOwnLog } from './death-evidence.ts';
import { executableOf, printedPath, vouchersOf } from './vouchers.ts';

/** Last words that are in a file of the runtime. What the JVM prints on standard output is known by what it left. */
function ownLogOf({ program, outOfMemory }: DeathEvidence): string | null {
  if (outOfMemory) return OUT_OF_MEMORY;
  return hasOwnLog(program.runtime) ? readFatalErrorLog(program) : null;
}

/**
 * Reads the last words of an exit that was not captured, and stores the report and the revised verdict. Without last
 * words there is only the log of standard error. The caller deletes the raw directory.
 */
export function reportLastWords(journal: Journal, job: AnalysisJob, ended: StoredExit, raw: RawRun): void {
  const { directory, runId, app, instance, appRoot, workspaceRoot } = job;
  const log = { id: runId, diedAtMs: ended.diedAt.wallMs, captured: false };
  const stderrTail = raw.stderr?.bytes.toString('utf8') ?? null;
  // First: a reader that fails must not take it away.
  writePrivateLog(directory, { ...log, text: formatStderrLog({ app, instance, ended, stderrTail }) });
  if (raw.death === null) return;
  const { program } = raw.death;
  const { runtime, pid, cwd, seenAtMs } = program;
  const file = ownLogOf(raw.death);
  const text = file ?? stderrTail;
  if (text === null) return;
  using executable = executableOf(program);
  const words = readLastWords(runtime, text, vouchersOf(program, executable));
  if (words === null) return;
  const silenceMs = file === null ? raw.death.silenceMs : null;
  const { status } = ended;
  const unrecorded =
    recordsAll(raw.claim?.runtime ?? null) && raw.candidates.length === 0 && raw.damaged === 0;
  const proof = proveDeath({ status, runtime, words, pid, silenceMs, unrecorded });
  if (proof === null) return;
  const verdict = reviseVerdict(ended.verdict, { status, runtime, words, proof });
  if (verdict.kind === null) return;
  const report = lastWordsReport({
    ...{ id: runId, app, instance, appRoot, workspaceRoot, status, runtime, words, proof },
    diedAtMs: ended.diedAt.wallMs,
    kind: verdict.kind,
    startedAtMs: seenAtMs,
    executable,
    problems: job.sourceMaps ? [] : [problem('symbols-failed')],
    symbols: job.sourceMaps
      ? new FrameMapper(appRoot)
      : { mapFrames: (frames) => [...frames], problems: () => [] },
    readSource,
    isOnDisk,
    scripts: { hashes: scriptHashes, changedAtMs, strippedHashes: () => [] },
    pathOf: (file) => printedPath(file, cwd),
  });
  writePrivateLog(directory, { ...log, text: formatPrivateLog(report, stderrTail) });
  storeReport(journal, ended, redact(report), verdict);
}
