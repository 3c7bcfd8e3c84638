import { sql } from 'kysely';
import type { BackRecord, CaptureRecord } from '../../../model/telemetry.ts';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { type Batch, keyOf, type Sent } from './batch.ts';
import { causeOf, type Finding } from './crash-rows.ts';
import { type SplitReport, splitReport } from './encode.ts';
import { findCrashes, type KnownCrash } from './known-crashes.ts';

export type Attached = {
  crash: KnownCrash;
  capture: Sent<CaptureRecord>;
  finding: Finding & { report: SplitReport };
  cause: string;
};

/** What belongs to crashes that were stored before: sorted into what can be attached and what has to wait. */
export async function attachable(
  dialect: DialectName,
  transaction: WriteTransaction,
  rest: Pick<Batch, 'captures' | 'backs'>,
): Promise<{ captures: Attached[]; backs: { crash: KnownCrash; back: Sent<BackRecord> }[] }> {
  const wanted = new Map<string, Cell[]>();
  for (const [key, { appId, record }] of [...rest.captures, ...rest.backs])
    wanted.set(key, [appId, record.crashUid]);
  const crashes = await findCrashes(dialect, transaction, [...wanted.values()]);
  const captures: Attached[] = [];
  const backs: { crash: KnownCrash; back: Sent<BackRecord> }[] = [];
  for (const [key, crash] of crashes) {
    const capture = rest.captures.get(key);
    const back = rest.backs.get(key);
    rest.captures.delete(key);
    rest.backs.delete(key);
    // The first that came counts; what comes again says the same.
    if (capture !== undefined && crash.report_hash === null) {
      const finding = findingOf(capture.record, crash.status);
      captures.push({ crash, capture, finding, cause: causeOf(crash.kind, crash.status, finding) });
    }
    if (back !== undefined && crash.back_after_ms === null) backs.push({ crash, back });
  }
  return { captures, backs };
}

export function findingOf({ report }: CaptureRecord, status: string): Finding & { report: SplitReport } {
  return {
    exceptionType: report.exceptionType,
    code: report.code,
    signal: report.signal ?? (status.startsWith('signal:') ? status.slice(7) : null),
    report: splitReport(report),
  };
}

export async function updateCaptured(
  dialect: DialectName,
  transaction: WriteTransaction,
  attached: readonly (Attached & { signature: string })[],
): Promise<void> {
  if (attached.length === 0) return;
  const columns = {
    app_id: 'int',
    at: 'int',
    uid: 'text',
    exception_type: 'text',
    code: 'text',
    signal: 'text',
    signature: 'text',
    cause: 'text',
    report_hash: 'text',
    report_own: 'text',
  } as const;
  const cells = attached.map(({ crash, finding, cause, signature }): Cell[] => [
    ...[
      crash.app_id,
      crash.at,
      crash.uid,
      finding.exceptionType,
      finding.code,
      finding.signal,
      signature,
      cause,
    ],
    ...[finding.report.hash, finding.report.own],
  ]);
  const names = Object.keys(columns).slice(3);
  await sql`update crashes set ${sql.raw(names.map((name) => `${name} = r.${name}`).join(', '))}
    from ${jsonRows(dialect, columns, cells)} as r
    where crashes.app_id = r.app_id and crashes.at = r.at and crashes.uid = r.uid`.execute(transaction);
}

export async function updateBack(
  dialect: DialectName,
  transaction: WriteTransaction,
  backs: readonly { crash: KnownCrash; back: Sent<BackRecord> }[],
): Promise<void> {
  if (backs.length === 0) return;
  const columns = { app_id: 'int', at: 'int', uid: 'text', back_after_ms: 'int' } as const;
  const cells = backs.map(({ crash, back }) => [crash.app_id, crash.at, crash.uid, back.record.backAfterMs]);
  await sql`update crashes set back_after_ms = r.back_after_ms from ${jsonRows(dialect, columns, cells)} as r
    where crashes.app_id = r.app_id and crashes.at = r.at and crashes.uid = r.uid`.execute(transaction);
}

/** For one that is stored together with its crash. */
export const takeFrom = <Item>(waiting: Map<string, Item>, appId: number, uid: string): Item | undefined => {
  const key = keyOf(appId, uid);
  const found = waiting.get(key);
  waiting.delete(key);
  return found;
};
