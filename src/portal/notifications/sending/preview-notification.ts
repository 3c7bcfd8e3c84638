import type { DigestItem, Notification } from '../../../notify/notification.ts';
import type { NotifiedEpisode } from '../../../notify/notified-episode.ts';
import type { NotificationPreferences } from '../../../notify/preferences.ts';
import type { PortalParts } from '../../portal-parts.ts';
import type { OutboxStore, ReadStore } from '../../store/portal-store.ts';
import { notificationsUrl } from '../../urls.ts';
import { composeNotification } from './compose-notification.ts';
import { sampleCrash } from './sample-crash.ts';

const DAY_MS = 86_400_000;

export const PREVIEW_KINDS = ['opened', 'recovered', 'digest', 'test'] as const;
export type PreviewKind = (typeof PREVIEW_KINDS)[number];

/** What would be sent now for the latest crash of the app, or for a sample if there is none. */
export async function previewNotification(
  { store, baseUrl, now }: PortalParts<ReadStore & OutboxStore>,
  app: string,
  kind: PreviewKind,
  preferences: NotificationPreferences,
): Promise<{ notification: Notification; isSample: boolean }> {
  const nowMs = now();
  const episode = await store.notifications.newestEpisode(app);
  if (episode === null)
    return { notification: sample(app, kind, nowMs, baseUrl()), isSample: kind !== 'test' };
  const from = { app, atMs: nowMs, preferences };
  const notification = await composeNotification(
    store,
    { ...from, ...bodyFor(kind, episode, nowMs) },
    baseUrl(),
  );
  return { notification, isSample: false };
}

function bodyFor(
  kind: PreviewKind,
  episode: NotifiedEpisode,
  nowMs: number,
): Pick<Parameters<typeof composeNotification>[1], 'kind' | 'body'> {
  if (kind === 'test') return { kind, body: { type: 'test' } };
  if (kind === 'digest') {
    const items = [{ kind: 'opened' as const, episode }];
    return { kind, body: { type: 'digest', fromMs: nowMs - DAY_MS, untilMs: nowMs, items } };
  }
  if (kind === 'recovered') {
    const over = { ...episode, closedAtMs: episode.closedAtMs ?? nowMs };
    return { kind, body: { type: 'episode', episode: over, spread: null } };
  }
  const began = { ...episode, closedAtMs: null };
  const first = episode.returned === null ? 'opened' : 'returned';
  return { kind: first, body: { type: 'episode', episode: began, spread: null } };
}

function sample(app: string, kind: PreviewKind, nowMs: number, baseUrl: string): Notification {
  const base = {
    app,
    atMs: nowMs,
    timeZone: null,
    settingsUrl: baseUrl + notificationsUrl(app),
    pageUrl: `${baseUrl}/`,
  };
  if (kind === 'test') return { ...base, kind };
  const crash = { ...sampleCrash(app, nowMs), ...base };
  if (kind === 'opened') return crash;
  if (kind === 'recovered') return { ...crash, kind, closedAtMs: nowMs, openedAtMs: nowMs - DAY_MS / 12 };
  const item: DigestItem = { ...crash, kind: 'opened', instances: 1 };
  const all = { causes: 1, crashes: crash.crashes, open: 1 };
  return {
    ...base,
    kind,
    fromMs: nowMs - DAY_MS,
    untilMs: nowMs,
    items: [item],
    all,
    hasOthers: false,
    perHour: null,
  };
}
