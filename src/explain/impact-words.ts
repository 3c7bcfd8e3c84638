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

/** Of several crashes: `at least 7 connections cut, longest downtime 2.1 s`; null if nothing is known of any. */
export function totalImpactWords(impacts: readonly (Impact | null)[]): string | null {
  const known = impacts.filter((impact) => impact !== null);
  const cuts = known.map(({ connectionsCut }) => connectionsCut).filter((count) => count !== null);
  const downs = known.map(({ servedAfterMs }) => servedAfterMs).filter((ms) => ms !== null);
  const isExact = cuts.length === impacts.length && known.every((impact) => impact.isExact);
  const total = cuts.reduce((sum, count) => sum + count, 0);
  const cut = cuts.length === 0 ? null : cutWords(total, isExact);
  const down = downs.length === 0 ? null : `longest downtime ${formatDuration(Math.max(...downs))}`;
  const words = [cut, down].filter((word) => word !== null);
  return words.length === 0 ? null : words.join(', ');
}

function cutWords(count: number, isExact: boolean): string | null {
  if (count === 0) return isExact ? 'no connection cut' : null;
  return `${isExact ? '' : 'at least '}${plural(count, 'connection')} cut`;
}
