import type { CrashFacts } from '../../model/crash-facts.ts';

/** What a crash like this means and what to do about it, for people. Plain text without anything of the app's. */
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

/** An entry of the catalogue. It matches only where the facts are proof of what it says. */
export type CatalogueEntry = KnownCause & {
  readonly matches: (facts: CrashFacts) => boolean;
  /** Says only how the process ended: whatever says more stands before it. */
  readonly isGeneral?: true;
};
