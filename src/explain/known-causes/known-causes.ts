import type { CrashFacts } from '../../model/crash-facts.ts';
import { DATABASES } from './databases.ts';
import { FILES } from './files.ts';
import type { CatalogEntry, KnownCause } from './known-cause.ts';
import { LANGUAGES } from './languages.ts';
import { MEMORY } from './memory.ts';
import { MODULES } from './modules.ts';
import { NATIVE } from './native.ts';
import { NETWORK } from './network.ts';
import { NODE } from './node.ts';

/** More specific entries come first. */
export const CATALOG: readonly CatalogEntry[] = [
  ...MODULES,
  ...DATABASES,
  ...NETWORK,
  ...FILES,
  ...MEMORY,
  ...LANGUAGES,
  ...NATIVE,
  ...NODE,
];

const MAX_CAUSES = 3;

/**
 * The known causes of this crash, best first, at most three; empty if none fits. For a wrapped error, those of the
 * innermost cause come first; entries that say only how the process ended come last.
 */
export function knownCauses(facts: CrashFacts): KnownCause[] {
  const found = new Set(viewsOf(facts).flatMap((view) => CATALOG.filter(({ matches }) => matches(view))));
  return [...found]
    .sort((one, other) => Number(one.isGeneral ?? false) - Number(other.isGeneral ?? false))
    .slice(0, MAX_CAUSES)
    .map(({ id, title, meaning, steps, link }) => ({
      ...{ id, title, meaning },
      steps: steps.map((step) => step.replace('{package}', packageWords(facts))),
      link,
    }));
}

function packageWords({ addon }: CrashFacts): string {
  if (addon === undefined) return 'the package';
  return addon.version === null ? addon.name : `${addon.name} (this is ${addon.version})`;
}

/** The facts of each exception in the chain, innermost first. The frames of a wrapper follow those of its cause. */
function viewsOf(facts: CrashFacts): CrashFacts[] {
  const views: CrashFacts[] = [facts];
  let around = facts.frames;
  for (const [index, cause] of (facts.causes ?? []).entries()) {
    around = [...cause.frames, ...around];
    views.unshift({
      ...facts,
      exceptionType: cause.exceptionType,
      code: cause.code,
      frames: around,
      members: cause.members,
      causes: facts.causes?.slice(index + 1) ?? [],
    });
  }
  return views;
}
