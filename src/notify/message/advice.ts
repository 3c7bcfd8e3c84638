import { adviceFor } from '../../explain/advice.ts';
import { nearestPlace } from '../../explain/nearest-place.ts';
import type { CrashKind } from '../../model/exit.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { NotifiedCrash } from '../notification.ts';
import { oneLineEnd } from './one-line.ts';

/** The next step if no known cause fits. */
export function adviceOn({ crashKind, report }: NotifiedCrash): string {
  if (report === null) return WITHOUT_STACK[crashKind] ?? NO_STACK;
  return adviceFor(report) ?? nearestWords(report);
}

function nearestWords(report: RedactedReport): string {
  const place = nearestPlace(report);
  if (place === null) return 'No app code is in the stack: check the last call that the app made.';
  return `Your code nearest to the crash: ${oneLineEnd(place, 120)}`;
}

const NO_STACK = 'Check the last output of the worker on its instance: it may show where it crashed.';

const WITHOUT_STACK: Readonly<Partial<Record<CrashKind, string>>> = {
  rejection: 'A promise was rejected without a handler: await it inside try/catch, or add .catch().',
  'stack-overflow': 'Look for an endless recursion in the last deployment.',
  'out-of-memory': 'Look for what grows: unbounded caches, listeners, large query results.',
  'oom-kill': 'Compare the memory limit of the machine or container with the memory use of the worker.',
};
