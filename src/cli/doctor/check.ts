export type CheckResult = 'ok' | 'warning' | 'failure';

/** One thing that `doctor` looked at. */
export type Check = {
  /** Stable name for `--json`. */
  check: string;
  result: CheckResult;
  /** What was found, one sentence. */
  message: string;
  /** What to do about it, null where nothing is to be done. */
  advice: string | null;
};

export function ok(check: string, message: string): Check {
  return { check, result: 'ok', message, advice: null };
}

/** Monitoring works, with less than it could have. */
export function warning(check: string, message: string, advice: string): Check {
  return { check, result: 'warning', message, advice };
}

/** A capture would not work. */
export function failure(check: string, message: string, advice: string): Check {
  return { check, result: 'failure', message, advice };
}
