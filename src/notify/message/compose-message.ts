import { headline } from '../../explain/headline.ts';
import { formatDuration } from '../../formats/duration.ts';
import { grouped } from '../../formats/quantity-words.ts';
import type { CrashNotification, Notification } from '../notification.ts';
import { crashFacts } from './crash-cause.ts';
import { crashMessage } from './crash-message.ts';
import { digestMessage } from './digest-message.ts';
import type { Message } from './message.ts';
import { cut, linkable, oneLine } from './one-line.ts';
import { isWider, shortName, subjectOf } from './subject.ts';

const LABELS: Readonly<Record<Notification['kind'], string>> = {
  opened: 'Crash',
  returned: 'Crash returned',
  escalated: 'Crash spreading',
  recovered: 'Stable again',
  digest: 'Daily digest',
  test: 'Test',
};

/** The contents of a notification. Pure: the same notification gives the same message. */
export function composeMessage(notification: Notification): Message {
  const base: Message = {
    subject: subjectOf(notification),
    tone: 'calm',
    label:
      notification.kind === 'digest' && notification.perHour !== null ? 'Digest' : LABELS[notification.kind],
    heading: '',
    paragraphs: [],
    facts: [],
    stacks: [],
    noStack: null,
    advice: [],
    entries: [],
    link: linkOf(notification),
    settingsUrl: linkable(notification.settingsUrl),
    footer: footerOf(notification),
  };
  switch (notification.kind) {
    case 'digest':
      return {
        ...base,
        tone: notification.items.some(({ closedAtMs }) => closedAtMs === null) ? 'trouble' : 'calm',
        heading: `Crashes of ${shortName(notification.app)}`,
        ...digestMessage(notification),
      };
    case 'test':
      return {
        ...base,
        heading: 'Notifications work',
        paragraphs: [
          `This is a test, not a crash. When ${shortName(notification.app)} crashes, you receive the reason here, with the call stack if there is one.`,
        ],
      };
    default:
      return {
        ...base,
        tone: notification.kind === 'recovered' ? 'calm' : 'trouble',
        heading: cut(headingOf(notification), 160),
        ...crashMessage(notification),
      };
  }
}

function headingOf(notification: CrashNotification): string {
  const app = shortName(notification.app);
  const { kind, returned, instances } = notification;
  switch (kind) {
    case 'opened':
      return oneLine(headline(app, crashFacts(notification)), 160);
    case 'returned':
      return returned === null
        ? `A crash of ${app} returned`
        : `A crash of ${app} returned after ${formatDuration(returned.afterMs)}`;
    case 'escalated':
      return isWider(notification)
        ? `${app} now crashes on ${grouped(instances.count)} instances`
        : `${app} crashes more often`;
    case 'recovered':
      return `${app} is stable again`;
  }
}

function linkOf({ pageUrl, kind }: Notification): Message['link'] {
  const url = linkable(pageUrl);
  if (url === null) return null;
  return { label: kind === 'digest' || kind === 'test' ? 'Open portal' : 'View crash', url };
}

function footerOf({ app, settingsUrl }: Notification): string {
  return linkable(settingsUrl) === null
    ? `You receive this because crashmon runs ${shortName(app)} with --notify or --webhook. Remove the option to stop notifications.`
    : `You receive this because you are subscribed to crash notifications for ${shortName(app)}.`;
}
