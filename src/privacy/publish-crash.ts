import type { CrashKind, ExitStatus, ExitVerdict } from '../model/exit.ts';
import type { NoCapture } from '../model/no-capture.ts';
import type { MonitorState, PolicySettings } from '../model/policy.ts';
import type { PublicRecord } from '../model/public-record.ts';
import type { RedactedReport } from '../model/redacted-report.ts';
import type { EndedRun } from '../model/run.ts';
import { publishRecord } from './publish-record.ts';

/** What crashes of one cause have in common. Computed from public facts only. */
export type Group = { signatures: string[]; title: string };

/** How a process ended, as far as it is public. */
export type PublicExit = { kind: CrashKind; status: ExitStatus };

/** What a crash says about the policy. */
export type PublicPolicy = { settings: PolicySettings; state: MonitorState; noCapture?: NoCapture | null };

/** The same for the same crash in every process: time of the crash and run ID, in hexadecimal. */
export function crashUid({ id, diedAt }: { id: string; diedAt: Pick<EndedRun['diedAt'], 'wallMs'> }): string {
  return `${timeDigits(diedAt.wallMs)}${id}`;
}

/** Of the capture of a crash. */
export function captureUid(run: Pick<EndedRun, 'id' | 'diedAt'>): string {
  return `${crashUid(run)}-c`;
}

/** 12 hexadecimal digits, so that uids sort by time. */
export function timeDigits(atMs: number): string {
  return Math.max(0, Math.round(atMs)).toString(16).padStart(12, '0').slice(-12);
}

/** The record of an exit that counts, null for any other. */
export function publishCrash(
  run: EndedRun,
  uptimeMs: number,
  policy: PublicPolicy,
  groupOf: (exit: PublicExit) => Group,
): PublicRecord | null {
  const { verdict, status } = run;
  if (!verdict.counted || verdict.kind === null) return null;
  return publishRecord({
    type: 'crash',
    uid: crashUid(run),
    atMs: run.diedAt.wallMs,
    crashId: run.id,
    ...(run.process.role === 'main' ? {} : { process: run.process }),
    ...(run.impact === null ? {} : { impact: run.impact }),
    kind: verdict.kind,
    suspected: verdict.suspected,
    status,
    reason: verdict.reason,
    armed: run.armed,
    captured: run.captured,
    uptimeMs,
    crashesInWindow: run.crashesInWindow,
    settings: policy.settings,
    state: policy.state,
    ...(policy.noCapture == null ? {} : { noCapture: policy.noCapture }),
    backAfterMs: run.replacedAfterMs,
    ...groupOf({ kind: verdict.kind, status }),
  });
}

/** @param verdict what last words made of the one in the crash's record */
export function publishCapture(
  run: EndedRun,
  report: RedactedReport,
  group: Group,
  verdict: ExitVerdict = run.verdict,
): PublicRecord {
  const { kind, suspected, reason } = verdict;
  const isRevised = kind !== null && verdict !== run.verdict;
  return publishRecord({
    type: 'capture',
    uid: captureUid(run),
    atMs: run.diedAt.wallMs,
    crashUid: crashUid(run),
    report,
    ...(isRevised ? { revised: { kind, suspected, reason } } : {}),
    ...group,
  });
}
