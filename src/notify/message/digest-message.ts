import { grouped, plural, timesWords } from '../../formats/quantity-words.ts';
import type { DigestItem, DigestNotification } from '../notification.ts';
import { causeOf } from './crash-cause.ts';
import type { DigestEntry } from './message.ts';
import { linkable, oneLine } from './one-line.ts';
import { instant } from './quantities.ts';
import { shortName } from './subject.ts';

/** Keeps the mail readable; the portal has the rest. */
const MAX_ENTRIES = 12;

export function digestMessage(notification: DigestNotification): {
  paragraphs: string[];
  entries: DigestEntry[];
} {
  const { app, items, all, hasOthers, perHour, fromMs, untilMs, timeZone } = notification;
  const between = `between ${instant(fromMs, timeZone)} and ${instant(untilMs, timeZone)}`;
  if (items.length === 0) return { paragraphs: [`${shortName(app)} did not crash ${between}.`], entries: [] };
  const { causes, crashes, open } = all;
  const kinds = hasOthers
    ? `at least ${plural(causes, 'different cause')}`
    : causes === 1
      ? 'one cause'
      : `${grouped(causes)} different causes`;
  const going = open === 0 ? 'None is ongoing.' : openWords(open, causes);
  const shown = [...items].toSorted(byWeight).slice(0, MAX_ENTRIES);
  return {
    paragraphs: [
      `${shortName(app)} crashed ${timesWords(crashes)} ${between}: ${kinds}. ${going}`,
      ...(perHour === null
        ? []
        : [`The limit is ${plural(perHour, 'notification')} per hour: this digest replaces the rest.`]),
      ...(causes > shown.length ? [`Below: the ${shown.length} largest of ${grouped(causes)} causes.`] : []),
    ],
    entries: shown.map((item) => entryOf(item, timeZone)),
  };
}

function openWords(open: number, all: number): string {
  if (all === 1) return 'It may be ongoing.';
  return open === all ? 'All of them may be ongoing.' : `${grouped(open)} of them may be ongoing.`;
}

/** Ongoing causes first, then by number of crashes. */
function byWeight(a: DigestItem, b: DigestItem): number {
  const open = Number(b.closedAtMs === null) - Number(a.closedAtMs === null);
  return open === 0 ? b.crashes - a.crashes : open;
}

function entryOf(item: DigestItem, timeZone: string | null): DigestEntry {
  const { title, crashes, instances, lastCrashAtMs, closedAtMs, pageUrl, kind } = item;
  const cause = causeOf(item);
  const again = kind === 'returned' ? ', returned after it was resolved' : '';
  return {
    title: oneLine(title, 160),
    text:
      `${plural(crashes, 'crash', 'crashes')} on ${plural(instances, 'instance')} because of ${cause}${again}; ` +
      `last crash at ${instant(lastCrashAtMs, timeZone)}`,
    isOver: closedAtMs !== null,
    url: linkable(pageUrl),
  };
}
