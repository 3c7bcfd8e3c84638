import type { PolicySettings } from '../../model/policy.ts';
import { durationWords, listWords, timesWords } from './duration-words.ts';

type Configured = { instance: string; settings: PolicySettings | null };

/** When a stack is recorded, with the thresholds that the instances really have; one sentence for each that differ. */
export function thresholdSentences(instances: readonly Configured[]): string[] {
  const groups = new Map<string, { settings: PolicySettings; names: string[] }>();
  for (const { instance, settings } of instances) {
    if (settings === null) continue;
    const key = [settings.armAfter, settings.windowMs, settings.cooldownMs].join();
    const group = groups.get(key) ?? { settings, names: [] };
    group.names.push(instance);
    groups.set(key, group);
  }
  const bySize = [...groups.values()].toSorted((a, b) => b.names.length - a.names.length);
  if (bySize.length === 1) return bySize.map(({ settings }) => sentence(settings, 'an instance'));
  return bySize.slice(0, 4).map(({ settings, names }) => sentence(settings, listWords(names)));
}

function sentence({ armAfter, windowMs, cooldownMs }: PolicySettings, where: string): string {
  const quiet = cooldownMs > 0 ? `, then not again there for ${durationWords(cooldownMs)}` : '';
  if (armAfter === 0) return `The call stack of every crash on ${where} is recorded${quiet}.`;
  return `The call stack is recorded once ${where} crashed more than ${timesWords(armAfter)} in ${durationWords(windowMs)}${quiet}.`;
}
