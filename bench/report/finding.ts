import type { Spread } from './statistics.ts';

/** Why there is no comparison on this machine. */
export type CannotRun = { cannotRun: string };
/** The measurement failed; its earlier findings are kept. */
export type Failed = { failed: string };

export type Target = { atLeast: number } | { atMost: number };

/** One line of the table. */
export type Finding = {
  what: string;
  /** `×` a ratio, else the unit of a difference or a size. */
  unit: '×' | 'ms' | 'µs' | '%' | 'kB' | 'MB' | '/s' | 'B';
  measured: Spread | CannotRun | Failed;
  /** Deviation of the control pair of the same run, in the same unit; null if there is none. */
  noise: number | null;
  /** null: for information. */
  target: Target | null;
};

export type Measurement = {
  name: string;
  about: string;
  /** Yields each finding at once, so that a later failure loses none. */
  measure(bench: Bench): AsyncIterable<Finding>;
};

export type Bench = {
  scale: Scale;
  progress(text: string): void;
  /** The CLI of the npm package, built once a run. */
  packageCli(): Promise<readonly string[]>;
};

/** `quick` is for development: too few repetitions for conclusions. `smoke` runs every program once, with the smallest subject. */
export type Scale = 'smoke' | 'quick' | 'full';

export type Verdict = 'met' | 'not met' | 'within noise' | 'failed' | '';

/** A target missed by no more than the control's deviation is neither met nor missed. */
export function verdictOf({ measured, noise, target }: Finding): Verdict {
  if ('failed' in measured) return 'failed';
  if (target === null || 'cannotRun' in measured) return '';
  const missedBy = 'atLeast' in target ? target.atLeast - measured.median : measured.median - target.atMost;
  if (missedBy <= 0) return 'met';
  return missedBy <= (noise ?? 0) ? 'within noise' : 'not met';
}
