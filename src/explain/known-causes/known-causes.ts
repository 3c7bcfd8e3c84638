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

/** What is known of crashes like this one, best first, at most three; empty where nothing fits: no guess. */
export function knownCauses(facts: CrashFacts): KnownCause[] {
  return CATALOGUE.filter(({ matches }) => matches(facts))
    .slice(0, MAX_CAUSES)
    .map(({ id, title, meaning, steps, link }) => ({ id, title, meaning, steps, link }));
}
