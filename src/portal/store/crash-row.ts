import { codeToken } from '../../model/coded.ts';
import { MAIN_PROCESS, parseProcessToken, processToken } from '../../model/ended-process.ts';
import { impactToken, parseImpactToken } from '../../model/impact.ts';
import { readReason } from '../../model/read-reason.ts';
import {
  decodeKind,
  decodeSettings,
  decodeStatus,
  encodeSettings,
  hasStackOf,
  joinReport,
} from './encode.ts';
import type { Row } from './schema/tables.ts';
import type { NewCrash } from './write/stored-crash.ts';

export function crashRowOf({ sent, back, finding, ...crash }: NewCrash): Row<'crashes'> {
  const { record } = sent;
  const impact = record.impact ?? back?.record.impact;
  const backAfterMs = record.backAfterMs ?? back?.record.backAfterMs ?? null;
  return {
    app_id: crash.appId,
    at: crash.atMs,
    uid: crash.uid,
    crash_id: record.crashId,
    instance: crash.instance,
    version: crash.version,
    kind: crash.kind,
    status: crash.status,
    exception_type: finding.exceptionType,
    code: finding.code,
    signal: finding.signal,
    signature: crash.group,
    cause: crash.cause,
    suspected: Number(record.suspected),
    armed: Number(record.armed),
    captured: Number(record.captured),
    reason: codeToken(record.reason),
    uptime_ms: Math.round(record.uptimeMs),
    crashes_in_window: record.crashesInWindow,
    settings: encodeSettings(record.settings),
    back_after_ms: backAfterMs === null ? null : Math.round(backAfterMs),
    process: record.process === undefined ? null : processToken(record.process),
    impact: impact === undefined ? null : impactToken(impact),
    report_hash: finding.report?.hash ?? null,
    report_own: finding.report?.own ?? null,
  };
}

/** A crash's row with the shown title of its group; `has_stack` of the group. */
export type TitledRow = Row<'crashes'> & { title: string | null; has_stack: number | null };

/** A crash in a list. */
export const crashEventOf = (row: TitledRow) => ({
  uid: row.uid,
  crashId: row.crash_id,
  atMs: row.at,
  process: (row.process === null ? null : parseProcessToken(row.process)) ?? MAIN_PROCESS,
  /** What it did to users; null if unknown. */
  impact: row.impact === null ? null : parseImpactToken(row.impact),
  instance: row.instance,
  version: row.version,
  kind: decodeKind(row.kind),
  status: decodeStatus(row.status),
  /** From the report, if there is one. */
  exceptionType: row.exception_type,
  code: row.code,
  signal: row.signal,
  /** Id of the group (`/apps/<app>/signatures/<id>`). */
  signature: row.signature,
  title: row.title ?? '',
  suspected: row.suspected === 1,
  armed: row.armed === 1,
  /** A report follows if its analysis succeeds. */
  captured: row.captured === 1,
  hasReport: row.report_hash !== null,
  /** There is a report with a call stack. */
  hasStack: row.report_hash !== null && (hasStackOf(row.report_own) ?? row.has_stack === 1),
  backAfterMs: row.back_after_ms,
  crashesInWindow: row.crashes_in_window,
  settings: decodeSettings(row.settings),
});

/** A crash on its own page. */
export const crashDetailOf = (row: TitledRow, reportBody: string | null) => ({
  ...crashEventOf(row),
  reason: readReason(row.reason),
  /** null where the sender does not say: other senders count no crashes, and the column cannot be null. */
  uptimeMs: row.crashes_in_window === 0 ? null : row.uptime_ms,
  report: joinReport(reportBody, row.report_own),
});
