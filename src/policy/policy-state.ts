import type { Instant } from '../model/instant.ts';
import type { PolicySettings, PolicyState } from '../model/policy.ts';
import { elapsedMs, rebase } from './elapsed.ts';

/** Crashes that are remembered; a loop without back-off makes many, and the state is rewritten at every exit. */
export const REMEMBERED_CRASHES = 1000;

export const EMPTY_POLICY_STATE: PolicyState = {
  crashes: [],
  lastCapture: null,
  manual: null,
  noCapture: null,
};

/** The state after a crash that counted; what left the window is forgotten. */
export function withCrash(state: PolicyState, settings: PolicySettings, now: Instant): PolicyState {
  const recent = state.crashes.filter((crash) => elapsedMs(crash, now) < settings.windowMs);
  return { ...state, crashes: [...recent, now].slice(-REMEMBERED_CRASHES) };
}

/** The state after a capture: the cool-down starts, and manual arming is used up. */
export function withCapture(state: PolicyState, now: Instant): PolicyState {
  return { ...state, lastCapture: now, manual: state.manual === 'armed' ? null : state.manual };
}

/** The state as a new boot may believe it; done once at the agent's start. */
export function rebased(state: PolicyState, now: Instant): PolicyState {
  return {
    ...state,
    crashes: state.crashes.map((crash) => rebase(crash, now)),
    lastCapture: state.lastCapture === null ? null : rebase(state.lastCapture, now),
  };
}
