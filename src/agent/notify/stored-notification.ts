import type { RedactedReport } from '../../model/redacted-report.ts';
import type { CrashNotification } from '../../notify/notification.ts';
import type { Telling } from './read-news.ts';

/** A notification as it lies in the journal; its report lies there as well. */
export type StoredNotification = Omit<CrashNotification, 'report' | 'pageUrl' | 'settingsUrl'> & {
  capturedId: string | null;
};

/** The same whenever the same is told. */
export function notificationId({ notification, local }: Telling): string {
  return `${local.episode.id}.${notification.kind}`;
}

export function storeNotification(
  { notification, local, stackIsNew }: Telling,
  context: {
    app: string;
    instance: string;
    nowMs: number;
    timeZone: string;
    /** From the death of this run to the start of the next worker. */
    backAfterMs: (runId: string) => number | null;
  },
): StoredNotification {
  const { app, instance, nowMs, timeZone, backAfterMs } = context;
  const { episode, kind, status, ...facts } = local;
  return {
    kind: notification.kind,
    app,
    atMs: nowMs,
    timeZone,
    episodeId: episode.id,
    title: facts.title,
    crashKind: kind,
    exceptionType: facts.exceptionType,
    code: facts.code,
    signal: facts.signal,
    exitStatus: status,
    crashes: episode.crashes,
    instances: { count: 1, names: [instance] },
    version: facts.version,
    openedAtMs: episode.openedAtMs,
    lastCrashAtMs: episode.lastCrashAtMs,
    closedAtMs: episode.closedAtMs,
    settings: facts.settings,
    crashesInWindow: facts.crashesInWindow,
    state: facts.state,
    backAfterMs: backAfterMs(facts.crashId),
    returned: null,
    spread: notification.spread,
    stackIsNew,
    capturedId: facts.capturedId,
  };
}

/** @param reportOf null for a report that is gone */
export function loadNotification(
  { capturedId, ...stored }: StoredNotification,
  reportOf: (id: string) => RedactedReport | null,
): CrashNotification {
  const report = capturedId === null ? null : reportOf(capturedId);
  return { ...stored, pageUrl: null, settingsUrl: null, report };
}
