import { grouped } from '../../formats/quantity-words.ts';
import type { CrashNotice, Notice } from '../notice.ts';
import { causeWords } from './cause-words.ts';
import { cut, linkable } from './one-line.ts';
import { span } from './quantities.ts';
import type { Story } from './story.ts';
import { isWider, shortName, subjectOf } from './subject.ts';
import { tellCrash } from './tell-crash.ts';
import { tellDigest } from './tell-digest.ts';

const LABELS: Readonly<Record<Notice['kind'], string>> = {
  opened: 'Crash',
  returned: 'Crash, returned',
  escalated: 'Crash, spreading',
  recovered: 'Stable again',
  digest: 'Daily digest',
  test: 'Test',
};

/** What a message says of a notice. Pure: the same notice gives the same story. */
export function tell(notice: Notice): Story {
  const base: Story = {
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
        ...tellDigest(notice),
      };
    case 'test':
      return {
        ...base,
        heading: 'Messages arrive',
        paragraphs: [
          `This is a test: nothing happened to ${shortName(notice.app)}. When it crashes, you are told here why, with the call stack.`,
        ],
      };
    default:
      return {
        ...base,
        tone: notice.kind === 'recovered' ? 'calm' : 'trouble',
        heading: cut(headingOf(notice), 160),
        ...tellCrash(notice),
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
        : `${app} crashes more and more often`;
    case 'recovered':
      return `${app} is stable again`;
  }
}

function linkOf({ pageUrl, kind }: Notice): Story['link'] {
  const url = linkable(pageUrl);
  if (url === null) return null;
  return { label: kind === 'digest' || kind === 'test' ? 'Open the portal' : 'See the crash', url };
}

function footerOf({ app, settingsUrl }: Notice): string {
  return linkable(settingsUrl) === null
    ? `Crashmon, which runs ${shortName(app)}, was told to send messages here. Started without --notify and --webhook it sends none.`
    : `You get this because you are told of crashes of ${shortName(app)}.`;
}
