import { adviceFor } from '../../explain/advice.ts';
import { nearestPlace } from '../../explain/nearest-place.ts';
import type { CrashKind } from '../../model/exit.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { ToldCrash } from '../notice.ts';
import { oneLineEnd } from './one-line.ts';

/** What to look at where no known cause says more. */
export function adviceOn({ crashKind, report }: ToldCrash): string {
  if (report === null) return WITHOUT_STACK[crashKind] ?? NO_STACK;
  return adviceFor(report) ?? nearestWords(report);
}

function nearestWords(report: RedactedReport): string {
  const place = nearestPlace(report);
  if (place === null) return "None of the app's own code is in the stack: look at what it called last.";
  return `Your code nearest to the crash: ${oneLineEnd(place, 120)}`;
}

const NO_STACK = 'What the worker printed last is on its instance and may name the place.';

const WITHOUT_STACK: Readonly<Partial<Record<CrashKind, string>>> = {
  rejection: 'A promise was rejected and nothing caught it: await it inside try, or add a catch.',
  'stack-overflow': 'Look for a recursion that nothing ends in what was deployed last.',
  'out-of-memory': 'Look for what grows: caches without a limit, listeners, results that are read at once.',
  'oom-kill': 'Compare the memory limit of the machine or container with what the worker needs.',
};
