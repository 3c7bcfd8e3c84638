import { formatDuration } from '../formats/duration.ts';
import type { CrashKind } from '../model/exit.ts';
import type { PolicySettings } from '../model/policy.ts';

export type NoStackFacts = {
  readonly kind: CrashKind | null;
  /** There is a report, but its stack is empty. */
  readonly hasReport: boolean;
  readonly armed: boolean;
  readonly captured: boolean;
  readonly crashesInWindow: number;
  readonly settings: PolicySettings;
};

/** Why a crash has no call stack, in sentences. */
export function whyNoStack(crash: NoStackFacts): string {
  const { armed, captured, crashesInWindow, settings } = crash;
  const always = whyNeverStack(crash);
  if (always !== null) return always;
  if (armed) {
    return captured
      ? 'The crash was captured, but its report is not available yet.'
      : 'The worker was armed, but nothing was captured.';
  }
  const count = `The worker was not armed: this was crash ${crashesInWindow} in ${formatDuration(settings.windowMs)}.`;
  return crashesInWindow > settings.armAfter + 1
    ? `${count} Capture was paused or disabled, or a crash like this cannot be captured.`
    : count;
}

/** The reason if no other report can follow; else null. */
export function whyNeverStack({ kind, hasReport }: Pick<NoStackFacts, 'kind' | 'hasReport'>): string | null {
  return kind === 'oom-kill' || hasReport ? whyNoFrames(kind) : null;
}

/** Why a report has no frames, or an OOM kill no report. */
export function whyNoFrames(kind: CrashKind | null): string {
  return kind === 'oom-kill'
    ? 'The kernel killed the process (OOM kill), which leaves no call stack.'
    : 'The crash was captured, but without a call stack.';
}
