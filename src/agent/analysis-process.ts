import { buildCrashReport } from '../analysis/build-crash-report.ts';
import { formatPrivateLog } from '../analysis/private-log.ts';
import { joinJournal } from '../journal/join-journal.ts';
import type { Journal } from '../journal/journal.ts';
import { writePrivateLog } from '../journal/private-log.ts';
import { deleteRaw, rawDirectory } from '../journal/raw-capture.ts';
import { problem } from '../model/problem.ts';
import type { EndedRun } from '../model/run.ts';
import { crashUid } from '../privacy/publish-crash.ts';
import { redact } from '../privacy/redact.ts';
import { appRootOf } from '../symbols/app-root.ts';
import { FrameMapper, MAX_MAP_BYTES } from '../symbols/frame-mapper.ts';
import { isOnDisk } from '../symbols/is-on-disk.ts';
import { onHost } from '../symbols/locate.ts';
import { readSource } from '../symbols/read-source.ts';
import { changedAtMs, scriptHashes } from '../symbols/script-files.ts';
import type { AnalysisJob } from './analysis-job.ts';
import { printedByCapture, withPrintedName } from './last-words/printed-by-capture.ts';
import { logStderr, reportLastWords } from './last-words/report-last-words.ts';
import { locateOf } from './locate-of.ts';
import { debuginfodOf, nativeInput } from './native/native-input.ts';
import { type RawRun, readRawRun } from './raw-run.ts';
import { readHeapLimit } from './read-heap-limit.ts';
import { keepSessionDump } from './sessions/keep-session-dump.ts';
import { takeRuntimeFiles } from './sessions/take-runtime-files.ts';
import { storeReport } from './store-report.ts';
import { strippedHashes } from './stripped-hashes.ts';
import { asSystemCore } from './system-core/as-system-core.ts';

/**
 * Creates the private log and the redacted report of one exit: of its capture, or of its last words. A separate process, so that source maps cost
 * the agent no memory; can be run again after it was killed at any point.
 */
async function analyze(job: AnalysisJob): Promise<void> {
  const { directory, runId, app, instance, workspaceRoot } = job;
  using journal = joinJournal(directory);
  if (job.giveUp) {
    await giveUp(journal, job);
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
  const locate = locateOf(job.root);
  const program = raw.death?.program ?? null;
  // Before the report, without which this is tried again.
  if (program !== null) takeRuntimeFiles(journal, job, ended, { program, locate, env: process.env });
  if (!ended.captured) {
    await reportLastWords(journal, job, ended, raw);
    deleteRaw(directory, runId);
    return;
  }
  const { claim } = raw;
  const appRoot = claim === null ? job.appRoot : appRootOf(claim.runtime, claim.cwd, job.appRoot);
  const debuginfod = raw.native === null || job.dumpFd === null ? null : debuginfodOf(process.env, directory);
  if (debuginfod !== null) recordBuildIds(journal, ended, debuginfod.urls);
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
        : await nativeInput(raw.native, {
            dumpFd: job.dumpFd,
            debuginfod,
            otherRoot: locate === onHost ? null : { locate, scratch: rawDirectory(directory, runId) },
          }),
    memory: raw.memory,
    heapMemory: raw.heap,
    problems: [
      ...(raw.damaged > 0 ? [problem('record-damaged', raw.damaged)] : []),
      ...(job.sourceMaps ? [] : [problem('symbols-failed')]),
    ],
    heapLimitBytes: () => (raw.claim === null ? null : readHeapLimit(raw.claim)),
    symbols: job.sourceMaps
      ? new FrameMapper(appRoot, MAX_MAP_BYTES, locate)
      : { mapFrames: (frames) => [...frames], problems: () => [] },
    readSource: (path) => (path === '[eval]' ? (raw.claim?.evalSource ?? null) : readSource(locate(path))),
    isOnDisk: (path) => isOnDisk(path, locate),
    scripts: {
      hashes: (path) => scriptHashes(locate(path)),
      changedAtMs: (path) => changedAtMs(locate(path)),
      strippedHashes: (path) => {
        const source = readSource(locate(path));
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
  // This, too.
  await keepSessionDump(journal, job, ended, { program: programOf(raw), report });
  const printed = printedByCapture(job, ended, raw);
  const redacted = withPrintedName(redact(report), printed);
  storeReport(journal, ended, redacted, { printed: printed ?? asSystemCore(redacted) });
  // Here and not in the agent, which may have ended long ago (`--restart never`).
  deleteRaw(directory, runId);
}

/** For `crashmon receipt`: elfutils asks the servers, and does not say for what. */
function recordBuildIds(journal: Journal, ended: EndedRun, urls: string): void {
  const content = 'Build IDs of the program and of its libraries whose debug information is not installed.';
  const asked = { uid: `${crashUid(ended)}-i`, what: 'debuginfod', crashes: [ended.id], counted: null };
  journal.recordLeaving([{ ...asked, destination: urls, content, source: null }], { atMs: Date.now() });
}

/** The program that there is a dump of. */
function programOf({ native, heldProgram }: RawRun): string | null {
  return native?.executable ?? heldProgram;
}

/** What it printed is there to read, at least. */
async function giveUp(journal: Journal, job: AnalysisJob): Promise<void> {
  const { directory, runId } = job;
  const ended = journal.exitsByPrefix(runId)[0];
  if (ended !== undefined && journal.report(runId) === null) {
    const program = programOf(readRawRun(rawDirectory(directory, runId)));
    await keepSessionDump(journal, job, ended, { program, report: null });
    if (ended.captured) journal.markAnalysisFailed(runId, 'analysis-timed-out');
    else logStderr(job, ended, readRawRun(rawDirectory(directory, runId)));
  }
  deleteRaw(directory, runId);
}

await analyze(JSON.parse(process.argv[2] ?? '{}') as AnalysisJob);
