import type { KnownCause } from '../../explain/known-causes/known-cause.ts';
import { knownCauses } from '../../explain/known-causes/known-causes.ts';
import { type CrashFacts, factsOfExit } from '../../model/crash-facts.ts';
import type { CrashDetail } from '../store/portal-store.ts';

/** What is known of crashes like this one; none where nothing matches, for a guess would mislead. */
export function knownCausesOf(crash: CrashDetail): readonly KnownCause[] {
  return knownCauses(factsOf(crash));
}

/** Of the report where there is one, else what the exit alone tells. */
export function factsOf({
  kind,
  status,
  report,
}: Pick<CrashDetail, 'kind' | 'status' | 'report'>): CrashFacts {
  return report === null ? factsOfExit(kind, status) : { ...report, status };
}
