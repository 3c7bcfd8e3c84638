import { MONITOR_STATES } from '../../../model/policy.ts';
import type {
  CrashNotification,
  DigestItem,
  DigestNotification,
  Notification,
  NotifiedCrash,
} from '../../../notify/notification.ts';
import {
  crashNotification,
  type DescribedCrash,
  type NotifiedEpisode,
  unknownCrash,
} from '../../../notify/notified-episode.ts';
import { OTHER_GROUP } from '../../store/limits.ts';
import type { ClaimedDelivery, NotificationBody } from '../../store/notifications/notification-store.ts';
import type { CrashDetail, CrashStore } from '../../store/read/crash-store.ts';
import type { InstanceStore } from '../../store/read/instance-store.ts';
import { appUrl, notificationsUrl, signatureUrl } from '../../urls.ts';

type From = Pick<ClaimedDelivery, 'app' | 'kind' | 'atMs' | 'body' | 'preferences'>;
type Reading = Pick<CrashStore & InstanceStore, 'crash' | 'instance'>;

/** Of a digest; those with the most crashes come first. */
const MOST_ITEMS = 50;

/**
 * A stored notification with the details of its crashes. For crashes that were deleted since, only what the notification
 * itself stores is left.
 */
export async function composeNotification(
  store: Reading,
  notification: From,
  baseUrl: string,
): Promise<Notification> {
  const { app, kind, atMs, body, preferences } = notification;
  const { quietHours, digest } = preferences;
  const timeZone = digest?.timeZone ?? quietHours?.timeZone ?? null;
  const base = { app, atMs, timeZone, settingsUrl: baseUrl + notificationsUrl(app) };
  if (body.type === 'test') return { ...base, kind: 'test', pageUrl: `${baseUrl}/` };
  if (body.type === 'digest') return digestNotification(store, base, body, baseUrl);
  const crash = await crashOf(store, app, body.episode);
  const pageUrl = baseUrl + signatureUrl(app, crash?.signature ?? body.episode.signature);
  const described = crash === null ? null : await describe(store, app, crash, atMs);
  return crashNotification({ ...base, pageUrl }, kind as CrashNotification['kind'], body, described);
}

async function describe(
  store: Reading,
  app: string,
  crash: CrashDetail,
  atMs: number,
): Promise<DescribedCrash> {
  const { title, settings, crashesInWindow, backAfterMs, process, impact } = crash;
  const instance = await store.instance(app, crash.instance, atMs);
  return {
    ...notifiedCrash(crash),
    ...{ title, settings, crashesInWindow: crashesInWindow ?? 0, backAfterMs, process, impact },
    state: MONITOR_STATES.find((each) => each === instance?.state) ?? null,
    noCapture: instance?.noCapture,
  };
}

async function digestNotification(
  store: Reading,
  base: Pick<DigestNotification, 'app' | 'atMs' | 'timeZone' | 'settingsUrl'>,
  body: Extract<NotificationBody, { type: 'digest' }>,
  baseUrl: string,
): Promise<DigestNotification> {
  const { fromMs, untilMs, items, perHour = null } = body;
  const listed: DigestItem[] = [];
  const most = items.toSorted((a, b) => b.episode.crashes - a.episode.crashes).slice(0, MOST_ITEMS);
  for (const { kind, episode } of most) {
    const crash = await crashOf(store, base.app, episode);
    listed.push({
      ...(crash === null ? unknownCrash(episode.kind) : notifiedCrash(crash)),
      kind: kind as DigestItem['kind'],
      episodeId: episode.id,
      title: crash?.title ?? '',
      crashes: episode.crashes,
      instances: episode.instances.count,
      lastCrashAtMs: episode.lastAtMs,
      closedAtMs: episode.closedAtMs,
      pageUrl: baseUrl + signatureUrl(base.app, crash?.signature ?? episode.signature),
    });
  }
  const all = body.all ?? {
    causes: items.length,
    crashes: items.reduce((sum, { episode }) => sum + episode.crashes, 0),
    open: items.filter(({ episode }) => episode.closedAtMs === null).length,
  };
  const hasOthers = items.some(({ episode }) => episode.signature === OTHER_GROUP);
  const what = { fromMs, untilMs, items: listed, all, hasOthers, perHour };
  return { ...base, kind: 'digest', pageUrl: baseUrl + appUrl(base.app), ...what };
}

/** With a stack if there is one. */
async function crashOf(store: Reading, app: string, episode: NotifiedEpisode): Promise<CrashDetail | null> {
  const withStack = episode.reportUid === null ? null : await store.crash(app, episode.reportUid);
  return withStack ?? store.crash(app, episode.crashUid);
}

function notifiedCrash({ kind, exceptionType, code, signal, status, report }: CrashDetail): NotifiedCrash {
  return { crashKind: kind, exceptionType, code, signal, exitStatus: status, report };
}
