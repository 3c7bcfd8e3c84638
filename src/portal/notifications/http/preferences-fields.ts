import { z } from 'zod';
import { CRASH_KINDS } from '../../../model/exit.ts';
import type { NotificationPreferences } from '../../../notify/preferences.ts';

const HOUR_MS = 3_600_000;

/** How long to mute; `version`: until another version crashes. */
const MUTES = {
  '1h': HOUR_MS,
  '8h': 8 * HOUR_MS,
  '1d': 24 * HOUR_MS,
  '7d': 7 * 24 * HOUR_MS,
} as const;

const minute = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const kind = z.enum(CRASH_KINDS);

/** Browsers send no field for an unchecked box, and a single value, not a list, for one checked box. */
export const choicesForm = z.object({
  kinds: z.union([kind.transform((one) => [one]), z.array(kind).max(CRASH_KINDS.length)]).optional(),
  when: z.enum(['always', 'quiet', 'digest']),
  from: minute,
  to: minute,
  daily: minute,
  zone: z.string().max(60).refine(isTimeZone),
});

export const muteForm = z.object({
  mute: z.enum(['no', 'version', 'until', '1h', '8h', '1d', '7d']),
  until: z
    .string()
    .max(30)
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$|^$/)
    .optional(),
});

/** Leaves the mute as it is: it has a separate form. */
export function chosenPreferences(
  form: z.output<typeof choicesForm>,
  before: NotificationPreferences,
): NotificationPreferences {
  const { kinds = [], when, from, to, daily, zone: timeZone } = form;
  return {
    kinds: kinds.length === CRASH_KINDS.length ? null : CRASH_KINDS.filter((each) => kinds.includes(each)),
    quietHours: when === 'quiet' ? { fromMinute: minuteOf(from), toMinute: minuteOf(to), timeZone } : null,
    digest: when === 'digest' ? { minute: minuteOf(daily), timeZone } : null,
    mute: before.mute,
  };
}

/** @returns undefined for a time that is past or invalid */
export function chosenMute(
  { mute, until = '' }: z.output<typeof muteForm>,
  newestVersion: string | null,
  nowMs: number,
): NotificationPreferences['mute'] | undefined {
  if (mute === 'no') return null;
  if (mute === 'version') return { whileVersion: newestVersion ?? '' };
  if (mute !== 'until') return { untilMs: nowMs + MUTES[mute] };
  const untilMs = Date.parse(`${until}:00Z`);
  return untilMs > nowMs ? { untilMs } : undefined;
}

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name !== '';
  } catch {
    return false;
  }
}
