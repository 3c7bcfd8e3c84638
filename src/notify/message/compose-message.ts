import { grouped } from '../../formats/quantity-words.ts';
import type { CrashNotice, Notice } from '../notice.ts';
import { causeWords } from './cause-words.ts';
import { crashMessage } from './crash-message.ts';
import { digestMessage } from './digest-message.ts';
import type { Message } from './message.ts';
import { cut, linkable } from './one-line.ts';
import { span } from './quantities.ts';
import { isWider, shortName, subjectOf } from './subject.ts';

const LABELS: Readonly<Record<Notice['kind'], string>> = {
  opened: 'Crash',
  returned: 'Crash returned',
  escalated: 'Crash spreading',
  recovered: 'Stable again',
  digest: 'Daily digest',
  test: 'Test',
};

/** The contents of a notification. Pure: the same notice gives the same message. */
export function composeMessage(notice: Notice): Message {
  const base: Message = {
    subject: subjectOf(notice),
    tone: 'calm',
    label: notice.kind === 'digest' && notice.perHour !== null ? 'Digest' : LABELS[notice.kind],
    heading: '',
    paragraphs: [],
    facts: [],
    stacks: [],
    noStack: null,
    advice: [],
    entries: [],
    link: linkOf(notice),
    settingsUrl: linkable(notice.settingsUrl),
    footer: footerOf(notice),
  };
  switch (notice.kind) {
    case 'digest':
      return {
        ...base,
        tone: notice.items.some(({ closedAtMs }) => closedAtMs === null) ? 'trouble' : 'calm',
        heading: `Crashes of ${shortName(notice.app)}`,
        ...digestMessage(notice),
      };
    case 'test':
      return {
        ...base,
        heading: 'Notifications work',
        paragraphs: [
          `This is a test, not a crash. When ${shortName(notice.app)} crashes, you receive the reason here, with the call stack if there is one.`,
        ],
      };
    default:
      return {
        ...base,
        tone: notice.kind === 'recovered' ? 'calm' : 'trouble',
        heading: cut(headingOf(notice), 160),
        ...crashMessage(notice),
      };
  }
}

function headingOf(notice: CrashNotice): string {
  const app = shortName(notice.app);
  const { kind, returned, instances } = notice;
  switch (kind) {
    case 'opened':
      return `${app} crashed because of ${causeWords(notice)}`;
    case 'returned':
      return returned === null
        ? `A crash of ${app} returned`
        : `A crash of ${app} returned after ${span(returned.afterMs)}`;
    case 'escalated':
      return isWider(notice)
        ? `${app} now crashes on ${grouped(instances.count)} instances`
        : `${app} crashes more often`;
    case 'recovered':
      return `${app} is stable again`;
  }
}

function linkOf({ pageUrl, kind }: Notice): Message['link'] {
  const url = linkable(pageUrl);
  if (url === null) return null;
  return { label: kind === 'digest' || kind === 'test' ? 'Open portal' : 'View crash', url };
}

function footerOf({ app, settingsUrl }: Notice): string {
  return linkable(settingsUrl) === null
    ? `You receive this because crashmon runs ${shortName(app)} with --notify or --webhook. Remove the option to stop notifications.`
    : `You receive this because you are subscribed to crash notifications for ${shortName(app)}.`;
}
