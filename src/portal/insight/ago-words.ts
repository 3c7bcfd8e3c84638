import { plural } from '../../formats/quantity-words.ts';

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** `3 minutes ago`, `in 2 hours`, `just now`. */
export function agoWords(atMs: number, nowMs: number): string {
  const ms = Math.abs(nowMs - atMs);
  if (ms < 10_000) return 'just now';
  const [name, unit] = UNITS.find(([each, length]) => ms >= (each === 'day' ? 2 : 1) * length) ?? UNITS[3];
  const words = plural(Math.floor(ms / unit), name);
  return atMs > nowMs ? `in ${words}` : `${words} ago`;
}
