import type { Journal } from '../../journal/journal.ts';
import type { Leaving } from '../../journal/receipts.ts';
import type { StoredExit } from '../../journal/run-rows.ts';
import { type CrashFacts, factsOfExit } from '../../model/crash-facts.ts';
import type { PolicySettings } from '../../model/policy.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { CrashNotification } from '../../notify/notification.ts';
import { crashNotification, type DescribedCrash, notifiedEpisode } from '../../notify/notified-episode.ts';
import { elapsedMs } from '../../policy/elapsed.ts';
import { monitorState } from '../../policy/monitor-state.ts';
import { parseRedactedReport } from '../../privacy/parse-redacted-report.ts';
import { signatureOf } from '../../signature/signature.ts';
import { systemClock } from '../clock.ts';
import type { LocalEpisode, LocalNotification } from './read-news.ts';

/** A notification as the journal keeps it; its report is there too. */
export type StoredNotification = Omit<CrashNotification, 'report' | 'pageUrl' | 'settingsUrl'> & {
  capturedId: string | null;
  /** IDs of the crashes that it describes; absent in what an older version stored. */
  crashIds?: string[];
};

export type StoreContext = { app: string; nowMs: number; timeZone: string; policy: PolicySettings };

/** The notification of an episode, described by what the journal has of its crashes. */
export function storeNotification(
  journal: Journal,
  { local, notification }: LocalNotification,
  { app, nowMs, timeZone, policy }: StoreContext,
): { id: string; notification: StoredNotification } {
  const base = { app, atMs: nowMs, timeZone, pageUrl: null, settingsUrl: null };
  const stored = { ...notification, episode: notifiedEpisode(local) };
  const whole = crashNotification(base, notification.kind, stored, describeCrash(journal, local, policy));
  const { report, pageUrl, settingsUrl, ...kept } = whole;
  return {
    id: `${kept.episodeId}.${kept.kind}`,
    notification: {
      ...kept,
      capturedId: report === null ? null : local.reportUid,
      crashIds: [...new Set([local.crashUid, ...(local.reportUid === null ? [] : [local.reportUid])])],
    },
  };
}

/** Which crashes a notification is about, for its receipt. */
export function crashesOf(journal: Journal, id: string): Pick<Leaving, 'crashes' | 'counted'> {
  const { crashIds, capturedId, openedAtMs, lastCrashAtMs } = JSON.parse(
    journal.notification(id) ?? '{}',
  ) as StoredNotification;
  const crashes = crashIds ?? (capturedId === null ? [] : [capturedId]);
  return { crashes, counted: { fromMs: openedAtMs, untilMs: lastCrashAtMs } };
}

/** null if there is no such notification. */
export function loadNotification(journal: Journal, id: string): CrashNotification | null {
  const text = journal.notification(id);
  if (text === null) return null;
  const { capturedId, ...stored } = JSON.parse(text) as StoredNotification;
  const report = capturedId === null ? null : readReport(journal, capturedId);
  return { ...stored, pageUrl: null, settingsUrl: null, report };
}

function describeCrash(
  journal: Journal,
  { crashUid, reportUid }: LocalEpisode,
  settings: PolicySettings,
): DescribedCrash | null {
  const newest = readExit(journal, crashUid);
  const exit = (reportUid === null ? null : readExit(journal, reportUid)) ?? newest;
  const kind = exit?.verdict.kind ?? null;
  if (exit === null || kind === null) return null;
  const { status } = exit;
  const report = reportUid === null ? null : readReport(journal, reportUid);
  const { title } = signatureOf(report === null ? factsOfExit(kind, status) : { ...report, status });
  const policy = { settings, state: journal.policyState(), disabled: false };
  const { state, noCapture } = monitorState(policy, systemClock()());
  return {
    ...crashFacts(report ?? factsOfExit(kind, status)),
    ...{ exitStatus: status, report, title },
    ...{ settings, state, noCapture },
    crashesInWindow: newest?.crashesInWindow ?? 0,
    ...(newest === null ? {} : { process: newest.process, impact: newest.impact }),
    backAfterMs: newest === null ? null : backAfterMs(journal, newest),
  };
}

function backAfterMs(journal: Journal, exit: StoredExit): number | null {
  if (exit.process.role !== 'main') return exit.replacedAfterMs;
  const next = journal.nextStart(exit.id);
  return next === null ? null : Math.max(0, elapsedMs(exit.diedAt, next));
}

function crashFacts({
  kind,
  exceptionType,
  code,
  signal,
}: Pick<CrashFacts, 'kind' | 'exceptionType' | 'code' | 'signal'>) {
  return { crashKind: kind, exceptionType, code, signal };
}

function readExit(journal: Journal, runId: string): StoredExit | null {
  return journal.exitsByPrefix(runId)[0] ?? null;
}

function readReport(journal: Journal, runId: string): RedactedReport | null {
  const text = journal.report(runId);
  try {
    return text === null ? null : parseRedactedReport(JSON.parse(text));
  } catch {
    return null;
  }
}
