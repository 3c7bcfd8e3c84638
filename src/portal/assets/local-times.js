const MINUTE = 60_000;
/** @type {[Intl.RelativeTimeFormatUnit, number, number][]} unit, its length, from how many of them on */
const UNITS = [
  ['day', 1440 * MINUTE, 2],
  ['hour', 60 * MINUTE, 1],
  ['minute', MINUTE, 1],
  ['second', 1000, 10],
];

const UTC_TIME = /\b(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC\b/;

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
    const text = element.getAttribute('data-show') === 'ago' ? ago(at, now) : moment(at);
    if (element.textContent !== text) element.textContent = text;
    // In the title the other zone.
    const title = element.getAttribute('data-show') === 'ago' ? moment(at) : utc(at);
    if (element.getAttribute('title') !== title) element.setAttribute('title', title);
  }
  // An option holds no element.
  for (const element of page.querySelectorAll('[data-times]')) {
    const text = (element.textContent ?? '').replace(UTC_TIME, (_, day, time) =>
      moment(new Date(`${day}T${time}Z`)),
    );
    if (element.textContent !== text) element.textContent = text;
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

/** `2026-11-24 19:40:12 CET`
 * @param {Date} at */
function moment(at) {
  if (Number.isNaN(at.getTime())) return '';
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  const zone = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName');
  return `${day} ${time} ${zone?.value ?? ''}`.trim();
}

/** As the server writes it.
 * @param {Date} at */
function utc(at) {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** @param {number} value */
function two(value) {
  return String(value).padStart(2, '0');
}
