/** `1 crash`, `4,210 crashes`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** `once`, `twice`, `140 times`. */
export function timesWords(count: number): string {
  if (count === 1) return 'once';
  return count === 2 ? 'twice' : plural(count, 'time');
}

/** `10,431` */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
