import { laterSignal } from '../../explain/cause-words.ts';
import { exitReasonWords } from '../../explain/exit-reason-words.ts';
import { exitWords } from '../../explain/exit-words.ts';
import { shortFaultWords } from '../../explain/fault-words.ts';
import { impactWords } from '../../explain/impact-words.ts';
import { problemWords } from '../../explain/problem-words.ts';
import { processWords, replacementWords } from '../../explain/process-words.ts';
import { formatDuration } from '../../formats/duration.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { CliContext } from '../context.ts';
import type { Hint } from '../hint.ts';
import { settingsOf } from '../journals/app-status.ts';
import { labelOf } from '../journals/open-journals.ts';
import { type StoredCrash, uptimeMs } from '../journals/stored-crash.ts';
import { storedReport } from '../journals/stored-report.ts';
import { colorsFor } from './colors.ts';
import { alignColumns, clip, wrap } from './layout.ts';
import { line } from './safe-text.ts';
import { ago, localTime } from './times.ts';

const HEADER = ['ID', 'TIME', '', 'APP', 'UPTIME', 'ENDED BY'];

/** Exits as a table; below each, its verdict and the command that shows its stack. */
export function crashTable(crashes: readonly StoredCrash[], hint: Hint, context: CliContext): string {
  const colors = colorsFor(context.env, context.isTTY);
  const now = context.now();
  const journals = crashes.map(({ journal }) => journal);
  const reports = new Map(crashes.map((crash) => [crash, reportOf(crash)]));
  const rows = crashes.map((crash) => [
    shortId(crash.id),
    ago(crash.diedAt, now),
    localTime(crash.diedAt.wallMs, context, now.wallMs),
    clip(labelOf(crash.journal, journals), 24),
    formatDuration(uptimeMs(crash)),
    endText(crash, reports.get(crash) ?? null),
  ]);
  const [header = '', ...lines] = alignColumns([HEADER, ...rows]);
  const blocks = crashes.map((crash, index) => {
    const details = wrap(judgment(crash), { indent: '          ', columns: context.columns });
    const found = colors.green(
      `          ${foundWords(reports.get(crash) ?? null)}: ${hint('show', shortId(crash.id))}`,
    );
    return [lines[index], colors.dim(details), ...(crash.reported ? [found] : [])].join('\n');
  });
  return `${[colors.bold(header), ...blocks].join('\n')}\n`;
}

/** The exit and, for a captured fatal signal, the fault in a few words: `SIGSEGV null access`. */
function endText(crash: StoredCrash, report: ShownReport | null): string {
  const exit = line(exitWords(crash.status));
  if (report === null || report.fault === null) return exit;
  const death = { ...report, fault: report.fault };
  const later = laterSignal({ ...death, status: crash.status });
  const first = later === null || death.signal === null ? exit : line(death.signal);
  const what = `${first} ${shortFaultWords(death.fault)}`.trimEnd();
  return later === null ? what : `${what}, ${exit}`;
}

type ShownReport = Pick<RedactedReport, 'kind' | 'signal' | 'fault' | 'source' | 'frames'>;

/** What `show` has of a crash. */
function foundWords(report: ShownReport | null): string {
  if (report?.source === 'last-words') {
    return report.frames.length > 0 ? 'call stack from standard error' : 'exception from standard error';
  }
  if (report?.source === 'system-core') return 'call stack from the core dump';
  return report === null || report.fault === null ? 'captured' : `captured ${report.kind}`;
}

/** null for a damaged report: the list is shown all the same. */
function reportOf(crash: StoredCrash): ShownReport | null {
  if (!crash.reported) return null;
  try {
    return storedReport(crash);
  } catch (error) {
    if (error instanceof CrashmonError) return null;
    throw error;
  }
}

/** The part of an ID that an operator needs to type. */
export function shortId(id: string): string {
  return line(id.slice(0, 8));
}

/** Counted or not, the reason, and why an attempted capture failed. */
export function judgment({
  verdict,
  status,
  crashesInWindow,
  analysisProblem,
  process,
  replacedAfterMs,
  impact,
  journal,
}: StoredCrash): string {
  const { windowMs } = settingsOf(journal.reader);
  const counted = verdict.suspected ? 'counted as a suspected crash' : 'counted';
  const mark = verdict.counted
    ? `${counted} (${crashesInWindow} in ${formatDuration(windowMs)})`
    : 'not counted';
  const failed = analysisProblem === null ? '' : `; the capture failed: ${problemWords(analysisProblem)}`;
  const child =
    process.role === 'main'
      ? ''
      : `; ${line(processWords(process) ?? '')}; ${replacementWords(process, replacedAfterMs)}`;
  const words = impact === null ? null : impactWords(impact);
  const affected = words === null ? '' : `; ${words}`;
  return `${mark}: ${line(exitReasonWords(verdict.reason, status))}${child}${affected}${failed}`;
}
