import type { StoredExit } from '../../journal/run-rows.ts';
import { isFormName } from '../../model/form-names.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import { suspected } from '../../policy/exit-verdict.ts';
import { reviseVerdict } from '../../policy/revise-verdict.ts';
import { redact } from '../../privacy/redact.ts';
import type { AnalysisJob } from '../analysis-job.ts';
import type { RawRun } from '../raw-run.ts';
import { readWordsOf } from './read-words.ts';

/** What the report of a captured exception would be if only its last words were known; null without any. */
export function printedByCapture(job: AnalysisJob, ended: StoredExit, raw: RawRun): RedactedReport | null {
  const { death, stderr, native } = raw;
  // A signal leaves less on standard error than any capture has.
  if (death === null || stderr === null || native !== null || ended.status.type !== 'code') return null;
  const stderrTail = stderr.bytes.toString('utf8');
  const words = readWordsOf(job, ended, { death, stderrTail, unrecorded: false });
  if (words === null) return null;
  const { kind } = reviseVerdict(suspected('exit', 'unknown'), words);
  return kind === null ? null : redact(words.report(kind));
}

/** An error of Perl itself has no class, which a probe could record; what it printed says which one it is. */
export function withPrintedName(captured: RedactedReport, printed: RedactedReport | null): RedactedReport {
  const name = printed?.exceptionType ?? null;
  const isMissing = captured.exceptionType === null && name !== null && isFormName(name);
  return isMissing ? { ...captured, exceptionType: name } : captured;
}
