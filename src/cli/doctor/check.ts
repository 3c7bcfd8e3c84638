export type CheckResult = 'ok' | 'warning' | 'failure';

/** One result of `doctor`. */
export type Check = {
  /** Stable name for `--json`. */
  check: string;
  result: CheckResult;
  /** One sentence. */
  message: string;
  /** What to do, null if nothing. */
  advice: string | null;
};

export function ok(check: string, message: string): Check {
  return { check, result: 'ok', message, advice: null };
}

/** Monitoring works, with a limit. */
export function warning(check: string, message: string, advice: string): Check {
  return { check, result: 'warning', message, advice };
}

/** Nothing will be captured. */
export function failure(check: string, message: string, advice: string): Check {
  return { check, result: 'failure', message, advice };
}
