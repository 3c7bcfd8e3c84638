const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `18:40 UTC` today, else `24 Nov 18:40 UTC`, with the year where it is another. */
export function clockWords(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`;
  const day = dayWords(atMs, nowMs);
  return day === dayWords(nowMs, nowMs) ? time : `${day} ${time}`;
}

/** `24 Nov`, with the year where it is not that of now. */
export function dayWords(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const day = `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`;
  return at.getUTCFullYear() === new Date(nowMs).getUTCFullYear() ? day : `${day} ${at.getUTCFullYear()}`;
}

/** `18:40` */
export function hourWords(atMs: number): string {
  const at = new Date(atMs);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
