import { formatDuration } from '../../formats/duration.ts';
import { grouped, plural } from '../../formats/quantity-words.ts';
import type { CrashNotification, DigestNotification, Notification } from '../notification.ts';
import { causeOf } from './crash-cause.ts';
import { MAX_SUBJECT } from './message.ts';
import { cut, oneLine } from './one-line.ts';
import { day } from './quantities.ts';

/** The message in one line, complete without the rest. */
export function subjectOf(notification: Notification): string {
  return cut(subjectText(notification), MAX_SUBJECT);
}

/** `Your app, shop,` starts a sentence. */
function yourApp(app: string): string {
  return `Your app, ${shortName(app)},`;
}

export function shortName(app: string): string {
  const name = oneLine(app, 40);
  return name === '' ? '(unnamed)' : name;
}

function subjectText(notification: Notification): string {
  const { app } = notification;
  switch (notification.kind) {
    case 'opened':
      return `${yourApp(app)} crashed because of ${causeOf(notification)}`;
    case 'returned':
      return `A crash of your app, ${shortName(app)}, returned${afterWords(notification)}: ${causeOf(notification)}`;
    case 'escalated':
      return escalatedSubject(notification);
    case 'recovered':
      return `${yourApp(app)} is stable again after ${plural(notification.crashes, 'crash', 'crashes')} in ${formatDuration(
        Math.max(0, notification.lastCrashAtMs - notification.openedAtMs),
      )}`.replace(/ in 0 ms$/, '');
    case 'digest':
      return digestSubject(notification);
    case 'test':
      return `Test notification from Crashmon for ${shortName(app)}`;
  }
}

function afterWords({ returned }: CrashNotification): string {
  return returned === null ? '' : ` after ${formatDuration(returned.afterMs)}`;
}

function escalatedSubject(notification: CrashNotification): string {
  const { app, instances } = notification;
  const cause = causeOf(notification);
  return isWider(notification)
    ? `${yourApp(app)} now crashes on ${grouped(instances.count)} instances because of ${cause}`
    : `${yourApp(app)} crashes more often because of ${cause}`;
}

/** It affects more instances, rather than crashing more often on the same ones. */
export function isWider({ spread, instances }: CrashNotification): boolean {
  return spread !== null && instances.count > 1 && instances.count > spread.instancesBefore;
}

function digestSubject({ app, all, hasOthers, perHour, untilMs, timeZone }: DigestNotification): string {
  const { crashes, causes } = all;
  const date = day(untilMs, timeZone);
  if (crashes === 0) return `No crashes of your app, ${shortName(app)}, up to ${date}`;
  const often = plural(crashes, 'crash', 'crashes');
  const least = hasOthers ? 'at least ' : '';
  if (perHour !== null) return `${often} of your app, ${shortName(app)}: ${least}${plural(causes, 'cause')}`;
  return `${often} of your app, ${shortName(app)}, up to ${date}`;
}
