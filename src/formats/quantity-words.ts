/** `1 crash`, `4,210 crashes`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** `once`, `twice`, `140 times`. */
export function timesWords(count: number): string {
  if (count === 1) return 'once';
  return count === 2 ? 'twice' : plural(count, 'time');
}

/** `10,431`. Not by `toLocaleString`, whose first call takes as long as the start of Node.js. */
export function grouped(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/**
 * `web-1`, `web-1 and web-2`, `web-1, web-2 and 3 more`, with at most `most` parts. `total` is larger if `names` are only
 * the first of them.
 */
export function listWords(names: readonly string[], most = 3, total = names.length): string {
  const shown = total > most ? names.slice(0, most - 1) : names;
  const rest = total - shown.length;
  const parts = rest === 0 ? shown : [...shown, `${grouped(rest)} more`];
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
