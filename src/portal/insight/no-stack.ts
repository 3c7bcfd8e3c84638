import { type NoStackFacts, whyNeverStack, whyNoStack } from '../../explain/no-stack.ts';
import { outlook } from '../../explain/outlook.ts';
import type { CrashEvent } from '../store/read/crash-store.ts';
import type { InstanceSummary } from '../store/read/instance-store.ts';
import { clockWords } from './clock-words.ts';

/** Analysis and sending take seconds; a source map of many megabytes takes minutes. */
const REPORT_DUE_MS = 5 * 60_000;

export type NoStack = {
  why: string;
  /** How to get one for the next crash; null if unknown or impossible. */
  outlook: string | null;
};

type CrashWithoutStack = NoStackFacts & Pick<CrashEvent, 'atMs' | 'crashId' | 'instance'>;

/** Why a crash has no call stack; null if it has a report. `instance` as it is now. */
export function noStack(
  event: CrashWithoutStack,
  instance: InstanceSummary | null,
  nowMs: number,
): NoStack | null {
  if (event.hasReport) return null;
  const never = whyNeverStack(event);
  if (never !== null) return { why: never, outlook: null };
  const show = `crashmon show ${event.crashId.slice(0, 8)} on ${event.instance}`;
  const dueMs = event.atMs + REPORT_DUE_MS;
  const why = whyNoStack(event);
  // True however long the page stays open.
  if (event.armed && event.captured && nowMs < dueMs) {
    return { why: `${why} If it is not here by ${clockWords(dueMs)}, run ${show}.`, outlook: null };
  }
  return {
    why: event.armed ? `${why} Run ${show} for details.` : why,
    outlook: instance === null ? null : instanceOutlook(instance),
  };
}

/** What the next crash on an instance brings. */
export function instanceOutlook(status: InstanceSummary): string {
  const { instance, state, lastSeenMs } = status;
  switch (state) {
    case 'silent':
      return `${instance} is silent: its last heartbeat or crash was at ${clockWords(lastSeenMs)}.`;
    case 'stopped':
      return `${instance} has been stopped since ${clockWords(lastSeenMs)}: no worker is running.`;
    case 'folded':
      return `${instance} are counted together.`;
    case 'external':
      return `Crashmon does not run ${instance} and captures nothing there.`;
    default:
      return outlook({ ...status, state }, { name: instance, where: `on ${instance}`, time: clockWords });
  }
}
