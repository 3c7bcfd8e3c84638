import { sql } from 'kysely';
import { codeToken } from '../../../model/coded.ts';
import type { CrashRecord } from '../../../model/telemetry.ts';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { keyOf, type SentCrash } from './batch.ts';
import { encodeSettings, encodeStatus, type SplitReport, shortHash } from './encode.ts';

/** What a capture found, as the crash's row has it. */
export type Finding = {
  exceptionType: string | null;
  code: string | null;
  signal: string | null;
  report: SplitReport | null;
};

const COLUMNS = {
  app_id: 'int',
  at: 'int',
  uid: 'text',
  crash_id: 'text',
  instance: 'text',
  version: 'text',
  kind: 'text',
  status: 'text',
  exception_type: 'text',
  code: 'text',
  signal: 'text',
  signature: 'text',
  cause: 'text',
  suspected: 'int',
  armed: 'int',
  captured: 'int',
  reason: 'text',
  uptime_ms: 'int',
  crashes_in_window: 'int',
  settings: 'text',
  back_after_ms: 'int',
  report_hash: 'text',
  report_own: 'text',
} as const;
const NAMES = Object.keys(COLUMNS);

export type CrashRow = {
  crash: SentCrash;
  finding: Finding;
  signature: string;
  cause: string;
  backAfterMs: number | null;
};

export const signalOf = ({ status }: Pick<CrashRecord, 'status'>): string | null =>
  status.type === 'signal' ? status.signal : null;

export const causeOf = (
  kind: string,
  status: string,
  finding: Pick<Finding, 'exceptionType' | 'code' | 'signal'>,
): string => shortHash(kind, status, finding.exceptionType, finding.code, finding.signal);

/** @returns keys (app, uid, time) of those that were not there yet */
export async function insertCrashes(
  dialect: DialectName,
  transaction: WriteTransaction,
  crashes: readonly CrashRow[],
): Promise<Set<string>> {
  if (crashes.length === 0) return new Set();
  const rows = jsonRows(dialect, COLUMNS, crashes.map(cellsOf));
  const selected = sql.raw(NAMES.map((name) => `r.${name}`).join(', '));
  const inserted = await sql<{ app_id: number; uid: string; at: number }>`
    insert into crashes (${sql.raw(NAMES.join(', '))}) select ${selected} from ${rows} as r where true
    on conflict (app_id, at, uid) do nothing returning app_id, uid, at`.execute(transaction);
  return new Set(inserted.rows.map(({ app_id, uid, at }) => keyOf(app_id, uid, at)));
}

function cellsOf({ crash, finding, signature, cause, backAfterMs }: CrashRow): Cell[] {
  const { record } = crash;
  return [
    crash.appId,
    crash.atMs,
    record.uid,
    record.crashId,
    crash.instance,
    crash.version,
    record.kind,
    encodeStatus(record.status),
    finding.exceptionType,
    finding.code,
    finding.signal,
    signature,
    cause,
    Number(record.suspected),
    Number(record.armed),
    Number(record.captured),
    codeToken(record.reason),
    Math.round(record.uptimeMs),
    record.crashesInWindow,
    encodeSettings(record.settings),
    backAfterMs === null ? null : Math.round(backAfterMs),
    finding.report?.hash ?? null,
    finding.report?.own ?? null,
  ];
}
