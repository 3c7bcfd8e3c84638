const MINUTE = 60_000;
/** @type {[Intl.RelativeTimeFormatUnit, number, number][]} unit, its length, from how many of them on */
const UNITS = [
  ['day', 1440 * MINUTE, 2],
  ['hour', 60 * MINUTE, 1],
  ['minute', MINUTE, 1],
  ['second', 1000, 10],
];

/**
 * Shows times in the reader's zone, and how long ago they are as of now. What the server wrote is the same in UTC.
 * @param {Document} page
 */
export function localTimes(page) {
  writeTimes(page);
  if (page !== document) return;
  setInterval(() => writeTimes(document), MINUTE / 2);
}

/** @param {Document} page */
function writeTimes(page) {
  const now = new Date();
  for (const element of page.querySelectorAll('time[data-show]')) {
    const at = new Date(element.getAttribute('datetime') ?? '');
    if (Number.isNaN(at.getTime())) continue;
    const text = element.getAttribute('data-show') === 'ago' ? ago(at, now) : moment(at, now);
    if (element.textContent !== text) element.textContent = text;
    const title = at.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
    if (element.getAttribute('title') !== title) element.setAttribute('title', title);
  }
}

/**
 * @param {Date} at
 * @param {Date} now
 */
function ago(at, now) {
  const ms = at.getTime() - now.getTime();
  const unit = UNITS.find(([, length, least]) => Math.abs(ms) >= least * length);
  if (unit === undefined) return 'just now';
  return new Intl.RelativeTimeFormat('en', { numeric: 'always' }).format(Math.trunc(ms / unit[1]), unit[0]);
}

/**
 * @param {Date} at
 * @param {Date} now
 */
function moment(at, now) {
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
  if (at.toDateString() === now.toDateString()) return time;
  /** @type {Intl.DateTimeFormatOptions} */
  const day = { day: 'numeric', month: 'short' };
  if (at.getFullYear() !== now.getFullYear()) day.year = 'numeric';
  return `${at.toLocaleDateString('en-GB', day)} ${time}`;
}
