import type { CrashKind } from '../model/exit.ts';
import type { NotificationKind } from './episode.ts';

/** Preferences of an app. */
export type NotificationPreferences = {
  /** null: every kind of crash. */
  kinds: readonly CrashKind[] | null;
  /** From `fromMinute` until before `toMinute` of the day, messages wait; null: none wait. */
  quietHours: { fromMinute: number; toMinute: number; timeZone: string } | null;
  /** One message a day, at this minute of the day, instead of single ones; null: single ones. */
  digest: { minute: number; timeZone: string } | null;
  /** Nothing until then, or until another version crashes. */
  mute: { untilMs: number } | { whileVersion: string } | null;
};

export const DEFAULT_PREFERENCES: NotificationPreferences = {
  kinds: null,
  quietHours: null,
  digest: null,
  mute: null,
};

export type NotificationToPlan = { kind: NotificationKind; crashKind: CrashKind; version: string | null };

/** Drop it, send it now or later (`atMs`), or put it in the next digest (`atMs`). */
export type NotificationPlan = { how: 'drop'; why: string } | { how: 'send' | 'digest'; atMs: number };

/** @throws RangeError for an invalid time zone; preferences are checked before they are stored */
export function planNotification(
  notification: NotificationToPlan,
  preferences: NotificationPreferences,
  nowMs: number,
): NotificationPlan {
  const { kinds, quietHours, digest, mute } = preferences;
  if (kinds !== null && !kinds.includes(notification.crashKind)) {
    return { how: 'drop', why: 'this kind of crash is not asked for' };
  }
  if (mute !== null && 'untilMs' in mute && nowMs < mute.untilMs) return { how: 'drop', why: 'muted' };
  if (mute !== null && 'whileVersion' in mute && (notification.version ?? '') === mute.whileVersion) {
    return { how: 'drop', why: 'muted until the next version' };
  }
  if (digest !== null) return { how: 'digest', atMs: nextMinuteOfDay(digest.minute, digest.timeZone, nowMs) };
  if (quietHours !== null && isQuiet(quietHours, nowMs)) {
    return { how: 'send', atMs: nextMinuteOfDay(quietHours.toMinute, quietHours.timeZone, nowMs) };
  }
  return { how: 'send', atMs: nowMs };
}

function isQuiet(
  { fromMinute, toMinute, timeZone }: NonNullable<NotificationPreferences['quietHours']>,
  nowMs: number,
): boolean {
  const minute = clockOf(timeZone)(nowMs);
  if (fromMinute === toMinute) return false;
  return fromMinute < toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute;
}

const MINUTE_MS = 60_000;
/** With daylight saving time, a day has up to 25 hours. */
const MINUTES_TO_SEARCH = 25 * 60;
/** In minutes. */
const DAY = 1440;

/** When clocks of that zone show this minute of the day next; if the day skips it, the next minute that they show. */
function nextMinuteOfDay(wanted: number, timeZone: string, nowMs: number): number {
  const minuteAt = clockOf(timeZone);
  const start = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  let before = minuteAt(start);
  for (let minutes = 1; minutes <= MINUTES_TO_SEARCH; minutes++) {
    const atMs = start + minutes * MINUTE_MS;
    const minute = minuteAt(atMs);
    const step = (minute - before + DAY) % DAY;
    // Clocks set forward skip minutes; clocks set back seem to leap a day.
    if (step < DAY / 2 && (wanted - before - 1 + DAY) % DAY < step) return atMs;
    before = minute;
  }
  return start + MINUTES_TO_SEARCH * MINUTE_MS;
}

/** The minute of the day in that zone. */
function clockOf(timeZone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
  return (atMs) => {
    const [hour = 0, minute = 0] = format.format(atMs).split(':').map(Number);
    return (hour % 24) * 60 + minute;
  };
}
