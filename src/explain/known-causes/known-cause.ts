import type { CrashFacts } from '../../model/crash-facts.ts';

/** What a crash means and how to fix it. Plain text without any data of the app. */
export type KnownCause = {
  /** Stable; kebab-case. */
  readonly id: string;
  readonly title: string;
  /** What happened, in one to three sentences. */
  readonly meaning: string;
  /** What to do, one sentence each. */
  readonly steps: readonly string[];
  /** Official documentation. */
  readonly link: string | null;
};

/** An entry of the catalog. It matches only if the facts prove its statement. */
export type CatalogEntry = KnownCause & {
  readonly matches: (facts: CrashFacts) => boolean;
  /** Says only how the process ended: more specific entries come first. */
  readonly isGeneral?: true;
};
