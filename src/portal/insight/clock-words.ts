const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2026-11-24 18:40:12 UTC`; scripts convert it to the reader's time zone. */
export function clockWords(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Finds what `clockWords` wrote in a sentence. */
export const CLOCK_WORDS = /\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\b/g;

/** The start of a bar in a chart: `2026-11-24 18:40 UTC`. */
export function minuteWords(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `24 Nov`, with the year if it is not the current one. */
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
