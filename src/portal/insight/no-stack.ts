import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { plural } from '../../formats/quantity-words.ts';
import type { CrashEvent } from '../store/read/crash-store.ts';
import type { InstanceSummary } from '../store/read/instance-store.ts';
import { clockWords } from './clock-words.ts';
import { durationWords } from './duration-words.ts';

/** Analysis and sending take seconds; a source map of many megabytes takes minutes. */
const REPORT_DUE_MS = 5 * 60_000;

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
    | 'hasReport'
    | 'armed'
    | 'captured'
    | 'kind'
    | 'atMs'
    | 'crashId'
    | 'crashesInWindow'
    | 'settings'
    | 'instance'
  >,
  instance: InstanceSummary | null,
  nowMs: number,
): NoStack | null {
  if (event.hasReport) return null;
  if (event.kind === 'oom-kill') {
    return {
      why: 'The kernel killed the process for memory: such a crash has no call stack.',
      outlook: null,
    };
  }
  const dueMs = event.atMs + REPORT_DUE_MS;
  if (event.armed && event.captured && nowMs < dueMs) return { why: awaited(event, dueMs), outlook: null };
  const next = instance === null ? null : outlook(instance);
  return { why: event.armed ? missing(event) : whyNotArmed(event, instance), outlook: next };
}

type Shown = Pick<CrashEvent, 'captured' | 'crashId' | 'instance'>;

const showThere = ({ crashId, instance }: Shown): string =>
  `crashmon show ${crashId.slice(0, 8)} on ${instance}`;

/** True however long the page stays open. */
const awaited = (event: Shown, dueMs: number): string =>
  `The worker was armed, and its report is on the way. If it is not here by ${clockWords(dueMs)}, run ${showThere(event)}.`;

function missing(event: Shown): string {
  return event.captured
    ? `The worker was armed and the crash was captured, but its report has not arrived; run ${showThere(event)}.`
    : `The worker was armed, but nothing was captured; ${showThere(event)} says why.`;
}

function whyNotArmed(
  { crashesInWindow, settings }: Pick<CrashEvent, 'crashesInWindow' | 'settings'>,
  instance: InstanceSummary | null,
): string {
  const window = durationWords(settings.windowMs);
  // The outlook says why.
  if (instance?.noCapture) return `The worker was not armed: this was crash ${crashesInWindow} in ${window}.`;
  if (crashesInWindow > settings.armAfter + 1) {
    return `The worker was not armed: it was crash ${crashesInWindow} in ${window}, but a capture was made shortly before, capturing was disabled, or a crash of this kind cannot be captured.`;
  }
  return `The worker was not armed: this was crash ${crashesInWindow} in ${window}, and the one after crash ${settings.armAfter + 1} is captured if it can be.`;
}

/** What the next crash on an instance brings: `1 more crash on web-3 arms it.` */
export function outlook(instance: InstanceSummary): string {
  const { instance: name, settings, crashesInWindow, cooldownUntilMs, state } = instance;
  switch (state) {
    case 'armed':
      return `${name} is armed: its next crash is captured.`;
    case 'cooling-down':
      return cooldownUntilMs === null
        ? `${name} captured a crash and is cooling down.`
        : `${name} captured a crash and is cooling down until ${clockWords(cooldownUntilMs)}.`;
    case 'disabled':
      return `Monitoring is disabled on ${name}: nothing is captured there.`;
    case 'silent':
      return `${name} is silent: its last heartbeat or crash was at ${clockWords(instance.lastSeenMs)}.`;
    case 'stopped':
      return `${name} is stopped since ${clockWords(instance.lastSeenMs)}: nothing runs there that could crash.`;
    case 'folded':
      return `${name} are not kept one by one.`;
    case 'external':
      return `Crashmon does not run ${name}: it captures nothing there.`;
    case 'watching': {
      if (instance.noCapture)
        return `No capture is possible on ${name}: ${noCaptureWords(instance.noCapture)}.`;
      if (settings === null) return `${name} is watched.`;
      const more = Math.max(1, settings.armAfter + 1 - crashesInWindow);
      return `${plural(more, 'more crash', 'more crashes')} on ${name} within ${durationWords(settings.windowMs)} ${more === 1 ? 'arms' : 'arm'} it.`;
    }
  }
}
