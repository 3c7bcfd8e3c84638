import { grouped, plural, timesWords } from '../../formats/quantity-words.ts';
import type { CrashNotice } from '../notice.ts';
import { causeWords } from './cause-words.ts';
import { oneLine } from './one-line.ts';
import { instant, nameList, span } from './quantities.ts';
import { isWider } from './subject.ts';

/** What happened and what it did to the people who use the app, in sentences. */
export function whatHappened(notice: CrashNotice): string[] {
  switch (notice.kind) {
    case 'opened':
      return [`${crashed(notice)} ${impact(notice)}`];
    case 'returned':
      return [cameBack(notice), `${crashed(notice)} ${impact(notice)}`];
    case 'escalated':
      return [`${spreading(notice)} ${impact(notice)}`];
    case 'recovered':
      return [recovered(notice), isOver(notice)];
  }
}

function isOver({ stackIsNew, report }: CrashNotice): string {
  return stackIsNew === true && report !== null
    ? 'Meanwhile its call stack was captured, which was not known when you were told of it.'
    : 'Nothing needs to be done now. The next crash of this kind is told again.';
}

function crashed(notice: CrashNotice): string {
  const { kind, crashes, openedAtMs, timeZone } = notice;
  const since = crashes === 1 ? 'on' : 'since';
  const often = crashes === 1 ? '' : ` ${timesWords(crashes)}`;
  // The heading above it has said why already where it is the first to be told.
  const why = kind === 'opened' ? '' : ` because of ${causeWords(notice)}`;
  return `It crashed${often}${where(notice)} ${since} ${instant(openedAtMs, timeZone)}${why}.`;
}

function where({ instances }: CrashNotice): string {
  const { count: total, names } = instances;
  if (names.length === 0) return total > 1 ? ` on ${plural(total, 'instance')}` : '';
  return total > 1
    ? ` on ${plural(total, 'instance')} (${nameList(names, total)})`
    : ` on ${nameList(names, total)}`;
}

function impact({ crashes, backAfterMs }: CrashNotice): string {
  const aborted =
    crashes === 1
      ? 'The requests it was answering were aborted; the people who made them may have seen an error such as HTTP 502.'
      : 'Each crash aborted the requests that were being answered; the people who made them may have seen errors such as HTTP 502.';
  if (backAfterMs === null) return aborted;
  return `${aborted} The worker was back after ${span(backAfterMs)}.`;
}

function cameBack({ returned, version }: CrashNotice): string {
  const after = returned === null ? '' : ` for ${span(returned.afterMs)}`;
  const first = returned?.version ?? version;
  const since = first === null ? '' : `, first in version ${oneLine(first, 60)}`;
  return `This crash had been resolved${after} and is back${since}.`;
}

function spreading(notice: CrashNotice): string {
  const { spread, instances, crashes, openedAtMs, timeZone } = notice;
  const since = `since ${instant(openedAtMs, timeZone)}`;
  const total = `It crashed ${timesWords(crashes)} ${since} because of ${causeWords(notice)}.`;
  if (spread === null) return total;
  if (isWider(notice)) {
    const before = plural(spread.instancesBefore, 'instance');
    return `The crash that you were told of on ${before} is now on ${grouped(instances.count)}. ${total}`;
  }
  const before = plural(spread.crashesBefore, 'crash', 'crashes');
  return `The crash that you were told of became much more frequent: there were ${before} in ${span(spread.windowMs)} then. ${total}`;
}

function recovered(notice: CrashNotice): string {
  const { crashes, openedAtMs, lastCrashAtMs, closedAtMs, atMs, instances, timeZone } = notice;
  const quiet = span(Math.max(0, (closedAtMs ?? atMs) - lastCrashAtMs));
  const lasted = lastCrashAtMs - openedAtMs;
  const on = instances.count > 1 ? ` on ${grouped(instances.count)} instances` : where(notice);
  const over = lasted > 0 ? ` in ${span(lasted)}` : '';
  return (
    `It has not crashed because of ${causeWords(notice)} for ${quiet}, since ` +
    `${instant(lastCrashAtMs, timeZone)}. There had been ${plural(crashes, 'crash', 'crashes')}${over}${on}.`
  );
}
