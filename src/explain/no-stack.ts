import { formatDuration } from '../formats/duration.ts';
import type { CrashFacts } from '../model/crash-facts.ts';
import type { CrashKind } from '../model/exit.ts';
import type { PolicySettings } from '../model/policy.ts';
import { printedNoStack } from './source-words.ts';

export type NoStackFacts = {
  readonly kind: CrashKind | null;
  /** There is a report, but its stack is empty. */
  readonly hasReport: boolean;
  readonly armed: boolean;
  readonly captured: boolean;
  readonly crashesInWindow: number;
  readonly settings: PolicySettings;
};

type WithoutFrames = Pick<CrashFacts, 'source' | 'runtime'> & { readonly kind: CrashKind | null };

/** Why a crash has no call stack, in sentences. */
export function whyNoStack(crash: NoStackFacts): string {
  const { armed, captured, crashesInWindow, settings } = crash;
  const always = whyNeverStack(crash);
  if (always !== null) return always;
  if (armed) {
    return captured
      ? 'The crash was captured, but its report is not available yet.'
      : 'The worker was armed, but nothing was captured, and Crashmon has no call stack from standard error.';
  }
  const count = `Crashmon has none from standard error, and the worker was not armed: this was crash ${crashesInWindow} in ${formatDuration(settings.windowMs)}.`;
  return crashesInWindow > settings.armAfter + 1
    ? `${count} Capture was paused or disabled, or a crash like this cannot be captured.`
    : count;
}

/** The reason if no other report can follow; else null. */
export function whyNeverStack({
  hasReport,
  ...facts
}: Pick<NoStackFacts, 'hasReport'> & WithoutFrames): string | null {
  return facts.kind === 'oom-kill' || hasReport ? whyNoFrames(facts) : null;
}

/** Why a report has no frames, or an OOM kill no report. */
export function whyNoFrames({ kind, ...report }: WithoutFrames): string {
  if (kind === 'oom-kill') return 'The kernel killed the process (OOM kill), which leaves no call stack.';
  if (report.source === 'last-words') return printedNoStack(report);
  return report.source === 'sender'
    ? 'The sender reported no call stack.'
    : 'The crash was captured, but without a call stack.';
}
