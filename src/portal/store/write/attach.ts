import { codeToken } from '../../../model/coded.ts';
import { impactToken } from '../../../model/impact.ts';
import type { BackRecord, CaptureRecord } from '../../../model/telemetry.ts';
import { updateRows } from '../database/write-rows.ts';
import type { Row } from '../schema/tables.ts';
import type { Batch, Sent } from './batch.ts';
import { causeOf } from './cause.ts';
import { findCrashes, type KnownCrash } from './known-crashes.ts';
import type { GroupResolver } from './resolve-groups.ts';
import { findingOf, type StoredCrash } from './stored-crash.ts';
import type { WriteContext } from './write-context.ts';

/** A crash that was stored earlier and now gets its capture. */
export type CapturedCrash = StoredCrash & {
  groupBefore: string;
  causeBefore: string;
} & Pick<Row<'crashes'>, 'suspected' | 'reason'>;

type KnownCapture = { crash: KnownCrash; capture: Sent<CaptureRecord> };
type KnownBack = { crash: KnownCrash; back: Sent<BackRecord> };

/** Adds captures and restarts to crashes that are stored, and takes them out of the batch. */
export async function attachToStored(
  context: WriteContext,
  resolver: GroupResolver,
  batch: Pick<Batch, 'captures' | 'backs'>,
): Promise<CapturedCrash[]> {
  const rest = [...batch.captures.values(), ...batch.backs.values()];
  const keys = rest.map(({ appId, record }) => ({ app_id: appId, uid: record.crashUid }));
  const captures: KnownCapture[] = [];
  const backs: KnownBack[] = [];
  for (const [key, crash] of await findCrashes(context, keys)) {
    const capture = batch.captures.get(key);
    const back = batch.backs.get(key);
    batch.captures.delete(key);
    batch.backs.delete(key);
    // The first one counts; another one repeats it.
    if (capture !== undefined && crash.report_hash === null) captures.push({ crash, capture });
    if (back !== undefined && isNew(crash, back.record)) backs.push({ crash, back });
  }
  const captured = await groupCaptures(resolver, captures);
  await updateCaptured(context, captured);
  await updateBacks(context, backs);
  return captured;
}

/** A second record has the impact. */
function isNew(crash: KnownCrash, { impact }: BackRecord): boolean {
  return crash.back_after_ms === null || (crash.impact === null && impact !== undefined);
}

async function groupCaptures(
  resolver: GroupResolver,
  captures: readonly KnownCapture[],
): Promise<CapturedCrash[]> {
  const wanted = captures.map(({ crash, capture: { record } }) => {
    const { kind, suspected, reason } = record.revised ?? {};
    const verdict = {
      kind: kind ?? crash.kind,
      suspected: suspected === undefined ? crash.suspected : Number(suspected),
      reason: reason === undefined ? crash.reason : codeToken(reason),
    };
    return { ...verdict, appId: crash.app_id, signatures: record.signatures, crash, record };
  });
  const groups = await resolver.resolve(wanted);
  return wanted.map((item): CapturedCrash => {
    const { appId, kind, suspected, reason, signatures, crash, record } = item;
    const { uid, at: atMs, instance, version, status } = crash;
    const finding = findingOf(record, status);
    const group = groups.get(item) ?? '';
    return {
      ...{ appId, uid, atMs, instance, version, kind, status, finding, signatures, report: record.report },
      ...{ suspected, reason, group, groupBefore: crash.signature },
      ...{ cause: causeOf(group, kind, status, finding), causeBefore: crash.cause },
    };
  });
}

async function updateCaptured(
  { dialect, transaction }: WriteContext,
  captured: readonly CapturedCrash[],
): Promise<void> {
  if (captured.length === 0) return;
  const rows = captured.map(({ appId, atMs, uid, kind, suspected, reason, finding, group, cause }) => ({
    app_id: appId,
    at: atMs,
    ...{ uid, kind, suspected, reason },
    exception_type: finding.exceptionType,
    code: finding.code,
    signal: finding.signal,
    signature: group,
    cause,
    report_hash: finding.report?.hash ?? null,
    report_own: finding.report?.own ?? null,
  }));
  await updateRows(dialect, 'crashes', rows).execute(transaction);
}

async function updateBacks(
  { dialect, transaction }: WriteContext,
  backs: readonly KnownBack[],
): Promise<void> {
  if (backs.length === 0) return;
  const rows = backs.map(({ crash, crash: { app_id, at, uid }, back }) => ({
    ...{ app_id, at, uid, back_after_ms: crash.back_after_ms ?? back.record.backAfterMs },
    impact: crash.impact ?? (back.record.impact === undefined ? null : impactToken(back.record.impact)),
  }));
  await updateRows(dialect, 'crashes', rows).execute(transaction);
}
