import type { CrashNotification } from '../../../notify/notification.ts';

/** For the preview of an app that has not crashed yet. */
export function sampleCrash(
  app: string,
  nowMs: number,
): Omit<CrashNotification, 'pageUrl' | 'settingsUrl' | 'timeZone'> {
  return {
    kind: 'opened',
    app,
    atMs: nowMs,
    episodeId: 'sample',
    title: 'TypeError in a function of yours',
    crashKind: 'exception',
    exceptionType: 'TypeError',
    code: null,
    signal: null,
    exitStatus: { type: 'code', code: 1 },
    report: null,
    crashes: 1,
    instances: { count: 1, names: ['web-1'] },
    version: null,
    openedAtMs: nowMs - 120_000,
    lastCrashAtMs: nowMs - 120_000,
    closedAtMs: null,
    settings: null,
    crashesInWindow: 1,
    state: null,
    backAfterMs: 250,
    returned: null,
    spread: null,
  };
}
