import { plural } from '../../formats/quantity-words.ts';
import type { CrashEvent, InstanceSummary } from '../store/portal-store.ts';
import { clockWords } from './clock-words.ts';
import { durationWords } from './duration-words.ts';

/** How long a report may be on its way before nobody should wait for it any more. */
const REPORT_DUE_MS = 10 * 60_000;

export type NoStack = {
  /** Why this crash has none. */
  why: string;
  /** What gets one of the next crash; null where nothing is known of the instance any more. */
  outlook: string | null;
};

/** Why a crash has no call stack; null where it has. `instance` as it is now. */
export function noStack(
  event: Pick<
    CrashEvent,
    'hasReport' | 'armed' | 'atMs' | 'crashId' | 'crashesInWindow' | 'settings' | 'instance'
  >,
  instance: InstanceSummary | null,
  nowMs: number,
): NoStack | null {
  if (event.hasReport) return null;
  if (event.armed) {
    const isDue = nowMs - event.atMs < REPORT_DUE_MS;
    const why = isDue
      ? 'The worker was armed: its report is being made and arrives in a moment.'
      : `The worker was armed, but no report of it arrived; crashmon show ${event.crashId.slice(0, 8)} on ${event.instance} may say why.`;
    return { why, outlook: isDue || instance === null ? null : outlook(instance, nowMs) };
  }
  return { why: whyNotArmed(event), outlook: instance === null ? null : outlook(instance, nowMs) };
}

function whyNotArmed({
  crashesInWindow,
  settings,
}: Pick<CrashEvent, 'crashesInWindow' | 'settings'>): string {
  const window = durationWords(settings.windowMs);
  if (crashesInWindow > settings.armAfter + 1) {
    return `The worker was not armed: it was crash ${crashesInWindow} in ${window}, but a capture was made shortly before, or capturing was disabled.`;
  }
  return `The worker was not armed: this was crash ${crashesInWindow} in ${window}, and the one after crash ${settings.armAfter + 1} is captured.`;
}

/** What the next crash on an instance brings: `1 more crash on web-3 arms it.` */
export function outlook(instance: InstanceSummary, nowMs: number): string {
  const { instance: name, settings, crashesInWindow, cooldownUntilMs, state } = instance;
  switch (state) {
    case 'armed':
      return `${name} is armed: its next crash is captured.`;
    case 'cooling-down':
      return cooldownUntilMs === null
        ? `${name} captured a crash and is cooling down.`
        : `${name} captured a crash and is cooling down until ${clockWords(cooldownUntilMs, nowMs)}.`;
    case 'disabled':
      return `Monitoring is disabled on ${name}: nothing is captured there.`;
    case 'silent':
      return `${name} is silent: nothing was heard of it since ${clockWords(instance.lastSeenMs, nowMs)}.`;
    case 'watching': {
      if (settings === null) return `${name} is watched.`;
      const more = Math.max(1, settings.armAfter + 1 - crashesInWindow);
      return `${plural(more, 'more crash', 'more crashes')} on ${name} within ${durationWords(settings.windowMs)} ${more === 1 ? 'arms' : 'arm'} it.`;
    }
  }
}
