import { formatDuration } from '../formats/duration.ts';
import { plural } from '../formats/quantity-words.ts';
import type { Impact } from '../model/impact.ts';

/** `at least 3 connections cut, down for 0.9 s`; null if nothing is known. */
export function impactWords({ connectionsCut, isExact, servedAfterMs }: Impact): string | null {
  const cut = connectionsCut === null ? null : cutWords(connectionsCut, isExact);
  const down = servedAfterMs === null ? null : `down for ${formatDuration(servedAfterMs)}`;
  const words = [cut, down].filter((word) => word !== null);
  return words.length === 0 ? null : words.join(', ');
}

function cutWords(count: number, isExact: boolean): string | null {
  if (count === 0) return isExact ? 'no connection cut' : null;
  return `${isExact ? '' : 'at least '}${plural(count, 'connection')} cut`;
}
