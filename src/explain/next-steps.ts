import type { CrashFacts } from '../model/crash-facts.ts';
import { adviceFor } from './advice.ts';
import type { KnownCause } from './known-causes/known-cause.ts';
import { knownCauses } from './known-causes/known-causes.ts';
import { nearestPlace } from './nearest-place.ts';

export type NextSteps = {
  /** The app's own code nearest to the crash; null if the stack has none, or there is no stack. */
  place: string | null;
  knownCauses: readonly KnownCause[];
  /** General advice for a crash of this kind; null if a cause is known. */
  advice: string | null;
};

/** What to do about a crash. */
export function nextSteps(facts: CrashFacts): NextSteps {
  const causes = knownCauses(facts);
  return {
    place: nearestPlace(facts),
    knownCauses: causes,
    advice: causes.length > 0 ? null : adviceFor(facts),
  };
}
