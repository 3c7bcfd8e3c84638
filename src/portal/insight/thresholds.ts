import { formatDuration } from '../../formats/duration.ts';
import { listWords, plural } from '../../formats/quantity-words.ts';
import type { Fleet, InstanceSummary } from '../store/read/instance-store.ts';

type Threshold = Fleet['thresholds'][number];

/** When a crash is captured; one sentence for each setting that instances have. */
export function thresholdSentences(thresholds: readonly Threshold[]): string[] {
  if (thresholds.length === 1) return thresholds.map(({ settings }) => sentence(settings, 'an instance'));
  return thresholds.map(({ settings, names, instances }) =>
    sentence(settings, `${instances === 1 ? '' : 'one of '}${listWords(names, 3, instances)}`),
  );
}

/** The same for an app; none if no running instance can capture. */
export function appThresholds({ thresholds, nearest }: Pick<Fleet, 'thresholds' | 'nearest'>): string[] {
  return nearest !== null && !canCapture(nearest) ? [] : thresholdSentences(thresholds);
}

/** The same for one instance; none if it cannot capture. */
export function instanceThresholds(one: InstanceSummary): string[] {
  const { instance, settings } = one;
  if (settings === null || !canCapture(one)) return [];
  return thresholdSentences([{ settings, instances: 1, names: [instance] }]);
}

/** Disarmed or only watched, it captures nothing, however often it crashes. */
function canCapture({ state, noCapture }: Pick<InstanceSummary, 'state' | 'noCapture'>): boolean {
  return !noCapture && state !== 'disabled' && state !== 'external';
}

function sentence({ armAfter, windowMs, cooldownMs }: Threshold['settings'], where: string): string {
  const pause = cooldownMs > 0 ? `, then pauses there for ${formatDuration(cooldownMs)}` : '';
  if (armAfter === 0) return `Crashmon captures every crash on ${where}${pause}.`;
  const crashes = plural(armAfter + 1, 'crash', 'crashes');
  return `After ${crashes} on ${where} within ${formatDuration(windowMs)}, Crashmon captures the next one${pause}.`;
}
