import { grouped, plural, timesWords } from '../../formats/quantity-words.ts';
import type { CrashNotice } from '../notice.ts';
import { causeWords } from './cause-words.ts';
import { oneLine } from './one-line.ts';
import { instant, nameList, span } from './quantities.ts';
import { isWider, shortName } from './subject.ts';

/** What happened and how it affects users, in sentences. */
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
    ? 'The call stack, captured after the first notification, is below.'
    : 'No action is needed now. Another crash of this kind sends a new notification.';
}

function crashed(notice: CrashNotice): string {
  const { kind, crashes, openedAtMs, timeZone } = notice;
  const since = crashes === 1 ? 'on' : 'since';
  const often = crashes === 1 ? '' : ` ${timesWords(crashes)}`;
  // In the first notification the heading has the reason.
  const why = kind === 'opened' ? '' : ` because of ${causeWords(notice)}`;
  return `It ${crashes === 1 ? 'crashed' : 'has crashed'}${often}${where(notice)} ${since} ${instant(openedAtMs, timeZone)}${why}.`;
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
      ? 'In-flight requests were aborted; users may have seen an error such as HTTP 502.'
      : 'Each crash aborted in-flight requests; users may have seen errors such as HTTP 502.';
  if (backAfterMs === null) return aborted;
  return `${aborted} The restart took ${span(backAfterMs)}.`;
}

function cameBack({ returned, version }: CrashNotice): string {
  const after = returned === null ? '' : ` for ${span(returned.afterMs)}`;
  const first = returned?.version ?? version;
  const since = first === null ? '' : `, first in version ${oneLine(first, 60)}`;
  return `This crash was resolved${after} and has returned${since}.`;
}

function spreading(notice: CrashNotice): string {
  const { spread, instances, crashes, openedAtMs, timeZone } = notice;
  const since = `since ${instant(openedAtMs, timeZone)}`;
  const total = `${shortName(notice.app)} has crashed ${timesWords(crashes)} ${since} because of ${causeWords(notice)}.`;
  if (spread === null) return total;
  if (isWider(notice)) {
    const before = plural(spread.instancesBefore, 'instance');
    return `This crash was first reported on ${before} and now affects ${grouped(instances.count)}. ${total}`;
  }
  const before = plural(spread.crashesBefore, 'crash', 'crashes');
  return `This crash is much more frequent than when it was first reported (${before} in ${span(spread.windowMs)}). ${total}`;
}

function recovered(notice: CrashNotice): string {
  const { crashes, openedAtMs, lastCrashAtMs, closedAtMs, atMs, instances, timeZone } = notice;
  const quiet = span(Math.max(0, (closedAtMs ?? atMs) - lastCrashAtMs));
  const lasted = lastCrashAtMs - openedAtMs;
  const on = instances.count > 1 ? ` on ${grouped(instances.count)} instances` : where(notice);
  const over = lasted > 0 ? ` in ${span(lasted)}` : '';
  return (
    `It has not crashed because of ${causeWords(notice)} for ${quiet}, since ` +
    `${instant(lastCrashAtMs, timeZone)}. In total: ${plural(crashes, 'crash', 'crashes')}${over}${on}.`
  );
}
