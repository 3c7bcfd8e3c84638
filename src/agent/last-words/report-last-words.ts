import { formatPrivateLog } from '../../analysis/private-log.ts';
import { formatStderrLog } from '../../analysis/stderr-log.ts';
import type { Journal } from '../../journal/journal.ts';
import { writePrivateLog } from '../../journal/private-log.ts';
import type { StoredExit } from '../../journal/run-rows.ts';
import type { CrashReport } from '../../model/crash-report.ts';
import type { CrashKind } from '../../model/exit.ts';
import type { Proof } from '../../model/last-words.ts';
import type { ObservedProgram } from '../../model/observed-program.ts';
import { reviseVerdict } from '../../policy/revise-verdict.ts';
import { recordsAll } from '../../policy/worker-preparation.ts';
import { redact } from '../../privacy/redact.ts';
import type { AnalysisJob } from '../analysis-job.ts';
import type { RawRun } from '../raw-run.ts';
import { storeReport } from '../store-report.ts';
import { reportOfCore } from '../system-core/report-of-core.ts';
import { readWordsOf } from './read-words.ts';

/**
 * Reads the last words of an exit that was not captured, and without a stack in them the core dump that the handler of this
 * host took; stores the report and the revised verdict. With neither there is only the log of standard error. The caller
 * deletes the raw directory.
 */
export async function reportLastWords(
  journal: Journal,
  job: AnalysisJob,
  ended: StoredExit,
  raw: RawRun,
): Promise<void> {
  // First: a reader that fails must not take it away.
  logStderr(job, ended, raw);
  const { death } = raw;
  if (death === null) return;
  const unrecorded =
    recordsAll(raw.claim?.runtime ?? null) && raw.candidates.length === 0 && raw.damaged === 0;
  const stderrTail = tailOf(raw);
  const words = readWordsOf(job, ended, { death, stderrTail, unrecorded });
  const verdict = words === null ? ended.verdict : reviseVerdict(ended.verdict, words);
  const { kind } = verdict;
  if (kind === null) return;
  const printed = words?.report(kind) ?? null;
  const report =
    (await withCore(printed, words?.proof, { job, ended, kind, program: death.program })) ?? printed;
  if (report === null) return;
  writeLog(job, ended, formatPrivateLog(report, stderrTail));
  storeReport(journal, ended, redact(report), { verdict });
}

type Exit = { job: AnalysisJob; ended: StoredExit; kind: CrashKind; program: ObservedProgram };

/** What a runtime printed has names and lines of its own language, and needs nothing else. */
async function withCore(
  printed: CrashReport | null,
  proof: Proof | undefined,
  { job, ended, kind, program }: Exit,
): Promise<CrashReport | null> {
  if (printed !== null && [printed, ...printed.causes].some(({ frames }) => frames.length > 0)) return null;
  // Words that can be about something else are not mixed with it.
  const about = proof === 'printed' ? null : printed;
  return await reportOfCore(job, ended, { program, kind, printed: about });
}

/** The log of a crash without last words. */
export function logStderr(job: AnalysisJob, ended: StoredExit, raw: RawRun): void {
  const { app, instance } = job;
  writeLog(job, ended, formatStderrLog({ app, instance, ended, stderrTail: tailOf(raw) }));
}

function writeLog({ directory, runId }: AnalysisJob, { diedAt }: StoredExit, text: string): void {
  writePrivateLog(directory, { id: runId, diedAtMs: diedAt.wallMs, captured: false, text });
}

function tailOf({ stderr }: RawRun): string | null {
  return stderr?.bytes.toString('utf8') ?? null;
}
