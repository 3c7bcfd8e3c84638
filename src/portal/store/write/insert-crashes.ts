import { sql } from 'kysely';
import { codeToken } from '../../../model/coded.ts';
import { insertNew } from '../database/write-rows.ts';
import type { Row } from '../schema/tables.ts';
import { type Batch, keyOf } from './batch.ts';
import { encodeSettings } from './encode.ts';
import type { NewCrash } from './stored-crash.ts';
import type { WriteContext } from './write-context.ts';

/** Inserts crashes. The captures and restarts of known ones go back into the batch. @returns the inserted ones */
export async function insertCrashes(
  { dialect, transaction }: WriteContext,
  batch: Batch,
  crashes: readonly NewCrash[],
): Promise<NewCrash[]> {
  if (crashes.length === 0) return [];
  const { rows } = await sql<Pick<Row<'crashes'>, 'app_id' | 'uid' | 'at'>>`
    ${insertNew(dialect, 'crashes', crashes.map(crashRowOf))} returning app_id, uid, at`.execute(transaction);
  const inserted = new Set(rows.map(({ app_id, uid, at }) => keyOf(app_id, uid, at)));
  return crashes.filter(({ appId, uid, atMs, sent, capture, back }) => {
    if (inserted.has(keyOf(appId, uid, atMs))) {
      sent.stored.crashes++;
      return true;
    }
    sent.stored.duplicates++;
    if (capture !== null) batch.captures.set(keyOf(appId, uid), capture);
    if (back !== null) batch.backs.set(keyOf(appId, uid), back);
    return false;
  });
}

function crashRowOf({ sent, back, finding, ...crash }: NewCrash): Row<'crashes'> {
  const { record } = sent;
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
    report_hash: finding.report?.hash ?? null,
    report_own: finding.report?.own ?? null,
  };
}
