import type { Spread } from './statistics.ts';

/** Why there is nothing to compare with on this machine. */
export type CannotRun = { cannotRun: string };

export type Target = { atLeast: number } | { atMost: number };

/** One line of the table. */
export type Finding = {
  what: string;
  /** `×` a ratio, else the unit of a difference or a size. */
  unit: '×' | 'ms' | 'µs' | '%' | 'kB' | 'MB' | '/s' | 'B';
  measured: Spread | CannotRun;
  /** How far the control pair of the same run strayed, in the same unit; null where there is none to have. */
  noise: number | null;
  /** null: told for information. */
  target: Target | null;
};

export type Measurement = {
  name: string;
  about: string;
  measure(scale: Scale, progress: (text: string) => void): Promise<Finding[]>;
};

/** `quick` is for development: the same programs, too few repetitions to conclude from. */
export type Scale = 'quick' | 'full';

export type Verdict = 'met' | 'not met' | 'within noise' | '';

/** A target missed by no more than the control pair strays is neither met nor missed. */
export function verdictOf({ measured, noise, target }: Finding): Verdict {
  if (target === null || 'cannotRun' in measured) return '';
  const missedBy = 'atLeast' in target ? target.atLeast - measured.median : measured.median - target.atMost;
  if (missedBy <= 0) return 'met';
  return missedBy <= (noise ?? 0) ? 'within noise' : 'not met';
}
