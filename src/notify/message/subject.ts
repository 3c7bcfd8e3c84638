import { grouped, plural } from '../../formats/quantity-words.ts';
import type { CrashNotice, DigestNotice, Notice } from '../notice.ts';
import { causeWords } from './cause-words.ts';
import { MAX_SUBJECT } from './message.ts';
import { cut, oneLine } from './one-line.ts';
import { day, span } from './quantities.ts';

/** The message in one line, complete without the rest. */
export function subjectOf(notice: Notice): string {
  return cut(subjectText(notice), MAX_SUBJECT);
}

/** `Your app, shop,` starts a sentence. */
function yourApp(app: string): string {
  return `Your app, ${shortName(app)},`;
}

export function shortName(app: string): string {
  const name = oneLine(app, 40);
  return name === '' ? '(unnamed)' : name;
}

function subjectText(notice: Notice): string {
  const { app } = notice;
  switch (notice.kind) {
    case 'opened':
      return `${yourApp(app)} crashed because of ${causeWords(notice)}`;
    case 'returned':
      return `A crash of your app, ${shortName(app)}, returned${afterWords(notice)}: ${causeWords(notice)}`;
    case 'escalated':
      return escalatedSubject(notice);
    case 'recovered':
      return `${yourApp(app)} is stable again after ${plural(notice.crashes, 'crash', 'crashes')} in ${span(
        Math.max(0, notice.lastCrashAtMs - notice.openedAtMs),
      )}`.replace(/ in 0 ms$/, '');
    case 'digest':
      return digestSubject(notice);
    case 'test':
      return `Test notification from Crashmon for your app, ${shortName(app)}`;
  }
}

function afterWords({ returned }: CrashNotice): string {
  return returned === null ? '' : ` after ${span(returned.afterMs)}`;
}

function escalatedSubject(notice: CrashNotice): string {
  const { app, instances } = notice;
  const cause = causeWords(notice);
  return isWider(notice)
    ? `${yourApp(app)} now crashes on ${grouped(instances.count)} instances because of ${cause}`
    : `${yourApp(app)} crashes more often because of ${cause}`;
}

/** It affects more instances, rather than crashing more often on the same ones. */
export function isWider({ spread, instances }: CrashNotice): boolean {
  return spread !== null && instances.count > 1 && instances.count > spread.instancesBefore;
}

function digestSubject({ app, all, perHour, untilMs, timeZone }: DigestNotice): string {
  const { crashes, causes } = all;
  const date = day(untilMs, timeZone);
  if (crashes === 0) return `No crashes of your app, ${shortName(app)}, up to ${date}`;
  const often = plural(crashes, 'crash', 'crashes');
  if (perHour !== null) return `${often} of your app, ${shortName(app)}: ${plural(causes, 'cause')}`;
  return `${often} of your app, ${shortName(app)}, up to ${date}`;
}
