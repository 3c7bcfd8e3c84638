import { adviceFor } from '../../explain/advice.ts';
import type { KnownCause } from '../../explain/known-causes/known-cause.ts';
import { nearestPlace } from '../../explain/nearest-place.ts';
import type { CrashDetail } from '../store/portal-store.ts';
import { knownCausesOf } from './known-causes-of.ts';

export type NextSteps = {
  /** The app's own code nearest to the crash; null where the stack has none, or there is no stack. */
  place: string | null;
  knownCauses: readonly KnownCause[];
  /** What to do about crashes of the kind in general, where no cause is known. */
  advice: string | null;
};

/** What to do about a crash. */
export function nextSteps(crash: CrashDetail): NextSteps {
  const { report } = crash;
  const knownCauses = knownCausesOf(crash);
  return {
    place: report === null ? null : nearestPlace(report),
    knownCauses,
    advice: report === null || knownCauses.length > 0 ? null : adviceFor(report),
  };
}
