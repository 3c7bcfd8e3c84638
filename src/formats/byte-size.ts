const UNITS: ReadonlyMap<string, number> = new Map([
  ['KB', 2 ** 10],
  ['MB', 2 ** 20],
  ['GB', 2 ** 30],
  ['TB', 2 ** 40],
]);

/** Bytes of `500MB`, `2GB`, `1.5GB`; null for anything else. */
export function parseByteSize(text: string): number | null {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)([KMGT]B)$/.exec(text);
  const unit = UNITS.get(match?.[2] ?? '');
  return match === null || unit === undefined ? null : Math.round(Number(match[1]) * unit);
}

/** `412 KB`, `1.5 GB`. */
export function formatByteSize(bytes: number): string {
  const [name = 'KB', unit = 1024] = [...UNITS].findLast(([, size]) => bytes >= size) ?? [];
  const value = bytes / unit;
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} ${name}`;
}
