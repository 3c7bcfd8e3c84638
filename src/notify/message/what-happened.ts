import { impactWords } from '../../explain/impact-words.ts';
import { processWords, replacementWords } from '../../explain/process-words.ts';
import { formatDuration } from '../../formats/duration.ts';
import { grouped, plural, timesWords } from '../../formats/quantity-words.ts';
import type { CrashNotification } from '../notification.ts';
import { causeOf } from './crash-cause.ts';
import { oneLine } from './one-line.ts';
import { instant, nameList } from './quantities.ts';
import { isWider, shortName } from './subject.ts';

/** What happened and how it affects users, in sentences. */
export function whatHappened(notification: CrashNotification): string[] {
  switch (notification.kind) {
    case 'opened':
      return [`${crashed(notification)} ${impact(notification)}`];
    case 'returned':
      return [cameBack(notification), `${crashed(notification)} ${impact(notification)}`];
    case 'escalated':
      return [`${spreading(notification)} ${impact(notification)}`];
    case 'recovered':
      return [recovered(notification), isOver(notification)];
  }
}

function isOver({ stackIsNew, report }: CrashNotification): string {
  return stackIsNew === true && report !== null && report.frames.length > 0
    ? 'The call stack, found after the first notification, is below.'
    : 'No action is needed now. Another crash of this kind sends a new notification.';
}

function crashed(notification: CrashNotification): string {
  const { kind, crashes, openedAtMs, timeZone } = notification;
  const since = crashes === 1 ? 'on' : 'since';
  const often = crashes === 1 ? '' : ` ${timesWords(crashes)}`;
  // In the first notification the heading has the reason.
  const why = kind === 'opened' ? '' : ` because of ${causeOf(notification)}`;
  return `${subject(notification)} ${crashes === 1 ? 'crashed' : 'has crashed'}${often}${where(notification)} ${since} ${instant(openedAtMs, timeZone)}${why}.`;
}

/** The heading has the name of the app. */
function subject({ process, crashes }: CrashNotification): string {
  if (process === undefined || process.role === 'main') return 'It';
  const { name } = process;
  if (crashes === 1) return sentenceCase(`${process.role === 'worker' ? 'a ' : ''}${processWords(process)}`);
  return sentenceCase(process.role === 'worker' ? `a worker of ${name}` : name);
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function where({ instances }: CrashNotification): string {
  const { count: total, names } = instances;
  if (names.length === 0) return total > 1 ? ` on ${plural(total, 'instance')}` : '';
  return total > 1
    ? ` on ${plural(total, 'instance')} (${nameList(names, total)})`
    : ` on ${nameList(names, total)}`;
}

function impact({ crashes, backAfterMs, process, impact: last }: CrashNotification): string {
  const words = last == null ? null : impactWords(last);
  const known = words === null ? '' : ` ${crashes === 1 ? 'This' : 'The last'} crash: ${words}.`;
  const general =
    crashes === 1
      ? 'In-flight requests were aborted; users may have seen an error such as HTTP 502.'
      : 'Each crash aborted in-flight requests; users may have seen errors such as HTTP 502.';
  const aborted = `${general}${known}`;
  if (backAfterMs === null) return aborted;
  if (process !== undefined && process.role !== 'main')
    return `${aborted} ${sentenceCase(replacementWords(process, backAfterMs))}.`;
  return `${aborted} The restart took ${formatDuration(backAfterMs)}.`;
}

function cameBack({ returned, version }: CrashNotification): string {
  const after = returned === null ? '' : ` for ${formatDuration(returned.afterMs)}`;
  const first = returned?.version ?? version;
  const since = first === null ? '' : `, first in version ${oneLine(first, 60)}`;
  return `This crash was resolved${after} and has returned${since}.`;
}

function spreading(notification: CrashNotification): string {
  const { spread, instances, crashes, openedAtMs, timeZone } = notification;
  const since = `since ${instant(openedAtMs, timeZone)}`;
  const total = `${shortName(notification.app)} has crashed ${timesWords(crashes)} ${since} because of ${causeOf(notification)}.`;
  if (spread === null) return total;
  if (isWider(notification)) {
    const before = plural(spread.instancesBefore, 'instance');
    return `This crash was first reported on ${before} and now affects ${grouped(instances.count)}. ${total}`;
  }
  const before = plural(spread.crashesBefore, 'crash', 'crashes');
  return `This crash is much more frequent than when it was first reported (${before} in ${formatDuration(spread.windowMs)}). ${total}`;
}

function recovered(notification: CrashNotification): string {
  const { crashes, openedAtMs, lastCrashAtMs, closedAtMs, atMs, instances, timeZone } = notification;
  const quiet = formatDuration(Math.max(0, (closedAtMs ?? atMs) - lastCrashAtMs));
  const lasted = lastCrashAtMs - openedAtMs;
  const on = instances.count > 1 ? ` on ${grouped(instances.count)} instances` : where(notification);
  const over = lasted > 0 ? ` in ${formatDuration(lasted)}` : '';
  return (
    `It has not crashed because of ${causeOf(notification)} for ${quiet}, since ` +
    `${instant(lastCrashAtMs, timeZone)}. In total: ${plural(crashes, 'crash', 'crashes')}${over}${on}.`
  );
}
