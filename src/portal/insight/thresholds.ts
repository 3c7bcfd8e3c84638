import { formatDuration } from '../../formats/duration.ts';
import { listWords, timesWords } from '../../formats/quantity-words.ts';
import type { Fleet } from '../store/read/instance-store.ts';

type Threshold = Fleet['thresholds'][number];

/** When a stack is recorded, with the thresholds that the instances really have; one sentence for each that differ. */
export function thresholdSentences(thresholds: readonly Threshold[]): string[] {
  if (thresholds.length === 1) return thresholds.map(({ settings }) => sentence(settings, 'an instance'));
  return thresholds.map(({ settings, names, instances }) =>
    sentence(settings, listWords(names, 3, instances)),
  );
}

/** Of an app; none where no capture is possible on any instance that runs. */
export function appThresholds({ thresholds, nearest }: Pick<Fleet, 'thresholds' | 'nearest'>): string[] {
  return nearest?.noCapture ? [] : thresholdSentences(thresholds);
}

function sentence({ armAfter, windowMs, cooldownMs }: Threshold['settings'], where: string): string {
  const quiet = cooldownMs > 0 ? `, then not again there for ${formatDuration(cooldownMs)}` : '';
  if (armAfter === 0) return `The call stack of every crash on ${where} is recorded${quiet}.`;
  return `The call stack is recorded once ${where} crashed more than ${timesWords(armAfter)} in ${formatDuration(windowMs)}${quiet}.`;
}
