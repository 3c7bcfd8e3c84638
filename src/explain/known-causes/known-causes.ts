import type { CrashFacts } from '../../model/crash-facts.ts';
import { DATABASES } from './databases.ts';
import { FILES } from './files.ts';
import type { CatalogueEntry, KnownCause } from './known-cause.ts';
import { LANGUAGES } from './languages.ts';
import { MEMORY } from './memory.ts';
import { MODULES } from './modules.ts';
import { NATIVE } from './native.ts';
import { NETWORK } from './network.ts';
import { NODE } from './node.ts';

/** What says more stands before what says less. */
export const CATALOGUE: readonly CatalogueEntry[] = [
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
 * What is known of crashes like this one, best first, at most three; empty where nothing fits: no guess. Of a wrapped
 * error what is known of its innermost cause comes first, and what says only how the process ended comes last.
 */
export function knownCauses(facts: CrashFacts): KnownCause[] {
  const found = new Set(viewsOf(facts).flatMap((view) => CATALOGUE.filter(({ matches }) => matches(view))));
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

/** The facts as of each exception of the chain, innermost first. What wrapped an error stands around its calls. */
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
