import { formatPrivateLog } from '../../analysis/private-log.ts';
import { formatStderrLog } from '../../analysis/stderr-log.ts';
import type { Journal } from '../../journal/journal.ts';
import { writePrivateLog } from '../../journal/private-log.ts';
import type { StoredExit } from '../../journal/run-rows.ts';
import { reviseVerdict } from '../../policy/revise-verdict.ts';
import { recordsAll } from '../../policy/worker-preparation.ts';
import { redact } from '../../privacy/redact.ts';
import type { AnalysisJob } from '../analysis-job.ts';
import type { RawRun } from '../raw-run.ts';
import { storeReport } from '../store-report.ts';
import { readWordsOf } from './read-words.ts';

/**
 * Reads the last words of an exit that was not captured, and stores the report and the revised verdict. Without last
 * words there is only the log of standard error. The caller deletes the raw directory.
 */
export function reportLastWords(journal: Journal, job: AnalysisJob, ended: StoredExit, raw: RawRun): void {
  const { directory, runId, app, instance } = job;
  const log = { id: runId, diedAtMs: ended.diedAt.wallMs, captured: false };
  const stderrTail = raw.stderr?.bytes.toString('utf8') ?? null;
  // First: a reader that fails must not take it away.
  writePrivateLog(directory, { ...log, text: formatStderrLog({ app, instance, ended, stderrTail }) });
  if (raw.death === null) return;
  const unrecorded =
    recordsAll(raw.claim?.runtime ?? null) && raw.candidates.length === 0 && raw.damaged === 0;
  const words = readWordsOf(job, ended, { death: raw.death, stderrTail, unrecorded });
  if (words === null) return;
  const verdict = reviseVerdict(ended.verdict, words);
  if (verdict.kind === null) return;
  const report = words.report(verdict.kind);
  writePrivateLog(directory, { ...log, text: formatPrivateLog(report, stderrTail) });
  storeReport(journal, ended, redact(report), { verdict });
}
