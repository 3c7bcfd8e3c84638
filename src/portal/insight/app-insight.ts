import type { CauseCount, InstanceSummary } from '../store/portal-store.ts';
import { listWords, plural, timesWords } from './duration-words.ts';
import { outlook } from './no-stack.ts';

export type InsightInput = {
  app: string;
  causes: readonly Pick<CauseCount, 'crashes'>[];
  /** Crashes of the range that have a report; `moreCaptured`: there are more than that. */
  captured: number;
  moreCaptured: boolean;
  /** Of the range, without its preposition: `the last 24 hours`. */
  rangeWords: string;
  instances: readonly InstanceSummary[];
  nowMs: number;
};

export type AppInsight = {
  tone: 'calm' | 'crashes';
  /** What was detected. */
  headline: string;
  /** What became of it. */
  rest: string;
};

/** The finding about an app in one sentence, and what was done about it in another. */
export function appInsight(input: InsightInput): AppInsight {
  const { app, causes, captured, moreCaptured, rangeWords, instances, nowMs } = input;
  const crashes = causes.reduce((sum, cause) => sum + cause.crashes, 0);
  if (crashes === 0) {
    return { tone: 'calm', headline: `No crash of ${app} in ${rangeWords}.`, rest: watchSentence(instances) };
  }
  const headline = `${app} crashed ${timesWords(crashes)} in ${rangeWords}.`;
  if (captured === 0) {
    const nearest = nearestToArming(instances);
    const rest =
      nearest === null
        ? 'No call stack was recorded yet.'
        : `No call stack was recorded yet. ${outlook(nearest, nowMs)}`;
    return { tone: 'crashes', headline, rest };
  }
  const how = moreCaptured ? `more than ${timesWords(captured)}` : timesWords(captured);
  return {
    tone: 'crashes',
    headline,
    rest: `The crashing thread’s call stack was recorded ${how}, before anybody asked for it.`,
  };
}

function watchSentence(instances: readonly InstanceSummary[]): string {
  const active = instances.filter(({ state }) => state !== 'silent' && state !== 'disabled');
  const silent = instances.filter(({ state }) => state === 'silent');
  if (instances.length === 0) return 'No instance reported yet.';
  const watched =
    active.length === 0
      ? 'No instance is watched.'
      : `${plural(active.length, 'instance is', 'instances are')} watched.`;
  return silent.length === 0
    ? watched
    : `${watched} Nothing is heard of ${listWords(silent.map(({ instance }) => instance))}.`;
}

/** The instance that gets a stack soonest; null where there is none. */
export function nearestToArming(instances: readonly InstanceSummary[]): InstanceSummary | null {
  const order = ['armed', 'watching', 'cooling-down', 'disabled', 'silent'];
  const missing = ({ settings, crashesInWindow }: InstanceSummary) =>
    (settings?.armAfter ?? 1000) - crashesInWindow;
  const sorted = instances.toSorted(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || missing(a) - missing(b),
  );
  return sorted[0] ?? null;
}
