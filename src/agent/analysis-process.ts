import { buildCrashReport } from '../analysis/build-crash-report.ts';
import { formatPrivateLog } from '../analysis/private-log.ts';
import { joinJournal } from '../journal/join-journal.ts';
import { writePrivateLog } from '../journal/private-log.ts';
import { deleteRaw, rawDirectory } from '../journal/raw-capture.ts';
import { problem } from '../model/problem.ts';
import { redact } from '../privacy/redact.ts';
import { appRootOf } from '../symbols/app-root.ts';
import { FrameMapper } from '../symbols/frame-mapper.ts';
import { isOnDisk } from '../symbols/is-on-disk.ts';
import { readSource } from '../symbols/read-source.ts';
import { changedAtMs, scriptHashes } from '../symbols/script-files.ts';
import type { AnalysisJob } from './analysis-job.ts';
import { printedByCapture, withPrintedName } from './last-words/printed-by-capture.ts';
import { reportLastWords } from './last-words/report-last-words.ts';
import { debuginfodOf, nativeInput } from './native/native-input.ts';
import { readRawRun } from './raw-run.ts';
import { readHeapLimit } from './read-heap-limit.ts';
import { storeReport } from './store-report.ts';
import { strippedHashes } from './stripped-hashes.ts';

/**
 * Creates the private log and the redacted report of one exit: of its capture, or of its last words. A separate process, so that source maps cost
 * the agent no memory; can be run again after it was killed at any point.
 */
async function analyze(job: AnalysisJob): Promise<void> {
  const { directory, runId, app, instance, workspaceRoot } = job;
  using journal = joinJournal(directory);
  if (job.giveUp) {
    deleteRaw(directory, runId);
    const isCaptured = journal.exitsByPrefix(runId)[0]?.captured === true;
    if (isCaptured && journal.report(runId) === null) {
      journal.markAnalysisFailed(runId, 'analysis-timed-out');
    }
    return;
  }
  // After kill -9 two analyses of one exit can overlap; the later must not replace a report by one from a raw capture
  // that is half gone.
  if (journal.report(runId) !== null) {
    deleteRaw(directory, runId);
    return;
  }
  const ended = journal.exitsByPrefix(runId)[0];
  if (ended === undefined || ended.verdict.kind === null) throw new Error('not an exit that was captured');
  const raw = readRawRun(rawDirectory(directory, runId));
  if (!ended.captured) {
    reportLastWords(journal, job, ended, raw);
    deleteRaw(directory, runId);
    return;
  }
  const { claim } = raw;
  const appRoot = claim === null ? job.appRoot : appRootOf(claim.runtime, claim.cwd, job.appRoot);
  const report = buildCrashReport({
    id: runId,
    app,
    instance,
    diedAtMs: ended.diedAt.wallMs,
    status: ended.status,
    kind: ended.verdict.kind,
    armed: ended.armed,
    appRoot,
    workspaceRoot,
    claim,
    candidates: raw.candidates,
    stderr: raw.stderr,
    native:
      raw.native === null
        ? null
        : await nativeInput(raw.native, job.dumpFd, debuginfodOf(process.env, directory)),
    problems: [
      ...(raw.damaged > 0 ? [problem('record-damaged', raw.damaged)] : []),
      ...(job.sourceMaps ? [] : [problem('symbols-failed')]),
    ],
    heapLimitBytes: () => (raw.claim === null ? null : readHeapLimit(raw.claim)),
    symbols: job.sourceMaps
      ? new FrameMapper(appRoot)
      : { mapFrames: (frames) => [...frames], problems: () => [] },
    readSource: (path) => (path === '[eval]' ? (raw.claim?.evalSource ?? null) : readSource(path)),
    isOnDisk,
    scripts: {
      hashes: scriptHashes,
      changedAtMs,
      strippedHashes: (path) => {
        const source = readSource(path);
        return raw.claim === null || source === null ? [] : strippedHashes(path, source, raw.claim.execPath);
      },
    },
  });
  const log = formatPrivateLog(report, raw.stderr?.bytes.toString('utf8') ?? null);
  try {
    writePrivateLog(directory, { id: runId, diedAtMs: report.diedAtMs, text: log, captured: true });
  } catch {
    report.problems.push(problem('private-log-failed'));
  }
  const printed = printedByCapture(job, ended, raw);
  storeReport(journal, ended, withPrintedName(redact(report), printed), { printed });
  // Here and not in the agent, which may have ended long ago (`--restart never`).
  deleteRaw(directory, runId);
}

await analyze(JSON.parse(process.argv[2] ?? '{}') as AnalysisJob);
