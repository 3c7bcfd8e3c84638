import type { Instant } from '../model/instant.ts';
import type { NoCapture, NoCaptureReason } from '../model/no-capture.ts';
import type { MonitorState, PolicySettings, PolicyState } from '../model/policy.ts';
import type { Runtime } from '../model/runtime.ts';
import { elapsedMs } from './elapsed.ts';
import { isSessionRunning } from './session-state.ts';
import { printsMore } from './worker-preparation.ts';

export type MonitorStateInput = {
  settings: PolicySettings;
  state: PolicyState;
  /** The kill switch: monitoring is switched off for this app by its environment. */
  disabled: boolean;
  /** Exits of just now that can turn out to be crashes. */
  unsettled?: number;
};

export type MonitorStateAnswer = {
  state: MonitorState;
  crashesInWindow: number;
  /** Wall-clock time at which the cool-down ends, null without one. */
  cooldownUntilMs: number | null;
  /** Why a crash like the last one is not captured, however many there were; null if nothing is captured anyway. */
  noCapture: NoCapture | null;
};

/**
 * What the monitor does at `now`: `armed` means that the next worker is started with the probe. A manual override and a session
 * beat the cool-down, the kill switch beats them. After a crash that cannot be captured, nothing is armed until one that can be.
 */
export function monitorState(
  { settings, state, disabled, unsettled = 0 }: MonitorStateInput,
  now: Instant,
): MonitorStateAnswer {
  const crashesInWindow = countInWindow(state.crashes, settings.windowMs, now) + unsettled;
  const cooldownLeftMs =
    state.lastCapture === null ? 0 : settings.cooldownMs - elapsedMs(state.lastCapture, now);
  const cooling = cooldownLeftMs > 0;
  const answer = decide();
  return {
    state: answer,
    crashesInWindow,
    cooldownUntilMs: cooling ? now.wallMs + cooldownLeftMs : null,
    noCapture: answer === 'watching' || answer === 'armed' ? state.noCapture : null,
  };

  function decide(): MonitorState {
    if (disabled || state.manual === 'disarmed') return 'disabled';
    // Not even manually: nothing could come.
    if (isOutOfReach(state.noCapture)) return cooling ? 'cooling-down' : 'watching';
    if (state.manual === 'armed' || isSessionRunning(state.session, now)) return 'armed';
    if (cooling) return 'cooling-down';
    if (state.noCapture !== null) return 'watching';
    return settings.armAfter === 0 || crashesInWindow > settings.armAfter ? 'armed' : 'watching';
  }
}

/** Is it armed, or would it be with a debugger? What kept one from being attached can be over. */
export function wantsCapture(input: MonitorStateInput, now: Instant): boolean {
  const { state } = input;
  const noCapture = state.noCapture?.why === 'no-debugger' ? null : state.noCapture;
  return monitorState({ ...input, state: { ...state, noCapture } }, now).state === 'armed';
}

/**
 * Is the next worker started so that its runtime prints more when it fails? Where nothing can be captured, after as many
 * crashes as would arm it.
 */
export function wantsMoreWords(input: MonitorStateInput, now: Instant): boolean {
  const { state, noCapture, crashesInWindow } = monitorState(input, now);
  const { armAfter } = input.settings;
  if (state !== 'watching' || noCapture?.why !== 'runtime' || noCapture.runtime === null) return false;
  return printsMore(noCapture.runtime) && (armAfter === 0 || crashesInWindow > armAfter);
}

/** Nothing of the process that runs can be captured, whatever ends it. */
export function isOutOfReach(noCapture: NoCapture | null): boolean {
  if (noCapture === null) return false;
  const { why, runtime } = noCapture;
  return why === 'only-watched' ? runtime === null || isUntraced(runtime) : UNWATCHED.includes(why);
}

/** No debugger is attached to it. */
export function isUntraced(runtime: Runtime | null): boolean {
  return runtime === 'go' || runtime === 'java' || runtime === 'dotnet';
}

const UNWATCHED: readonly NoCaptureReason[] = [
  'switched-off',
  'no-exit-watch',
  'not-permitted',
  'tracing-disabled',
  'already-traced',
  'exit-watched',
  'unreadable',
];

/** Crashes whose age is less than the window. Asked several times at each start and exit of a crash loop. */
export function countInWindow(crashes: readonly Instant[], windowMs: number, now: Instant): number {
  let count = 0;
  for (const crash of crashes) if (elapsedMs(crash, now) < windowMs) count += 1;
  return count;
}
