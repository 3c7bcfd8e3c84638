import { plural } from '../../formats/quantity-words.ts';

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** A length of time in a sentence: `24 hours`, `90 minutes`, `8 hours`, `1.2 s`, `840 ms`. Exact where it can be. */
export function durationWords(ms: number): string {
  if (!Number.isFinite(ms) || ms <= 0) return '0 seconds';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${trimZero((ms / 1000).toFixed(1))} s`;
  for (const [name, unit] of UNITS) {
    // Up to two days are hours: people say 24 hours, not 1 day.
    const least = name === 'day' ? 3 : 1;
    if (ms >= least * unit && (ms % unit === 0 || ms >= 3 * unit)) return plural(Math.round(ms / unit), name);
  }
  return plural(Math.round(ms / 1000), 'second');
}

/** `3 minutes ago`, `in 2 hours`, `just now`. */
export function agoWords(atMs: number, nowMs: number): string {
  const ms = Math.abs(nowMs - atMs);
  if (ms < 10_000) return 'just now';
  const [name, unit] = UNITS.find(([each, length]) => ms >= (each === 'day' ? 2 : 1) * length) ?? UNITS[3];
  const words = plural(Math.floor(ms / unit), name);
  return atMs > nowMs ? `in ${words}` : `${words} ago`;
}

function trimZero(text: string): string {
  return text.replace(/\.0$/, '');
}
