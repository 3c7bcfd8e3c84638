import type { CrashKind } from '../../model/exit.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { CliContext } from '../context.ts';
import type { Hint } from '../hint.ts';
import { shortId } from './crash-table.ts';
import { bullet, unbroken } from './layout.ts';
import { line } from './safe-text.ts';

const ADVICE: Partial<Record<CrashKind, string>> = {
  rejection: 'A promise was rejected and nothing caught it: await it inside try, or add a catch.',
  'stack-overflow': 'Look for what should end the recursion in the frames with a count.',
  'out-of-memory':
    'Look for what grows: caches without a limit, listeners, results read at once. A bigger --max-old-space-size only delays it.',
  fault: 'Native code failed: look for a native add-on among the dependencies and update it.',
  exit: 'The code called process.exit (or its event loop ran dry) with an error code; what it printed may say why.',
  'oom-kill':
    'The machine or the container had no memory left: compare its limit with what the worker needs.',
};

/** What to do with a report. `privateLog`: is the log with the message still kept? */
export function nextSteps(
  report: RedactedReport,
  privateLog: boolean,
  hint: Hint,
  context: CliContext,
): string {
  const frame = report.frames.find(({ inApp, file }) => inApp && file !== null);
  const place =
    frame === undefined ? null : [frame.file, frame.line].filter((part) => part !== null).join(':');
  const steps = [
    place === null ? null : `Your code nearest to the crash: ${line(place)}`,
    ADVICE[report.kind] ?? null,
    privateLog
      ? `The message and what was printed last stay on this machine: ${unbroken(hint('show', shortId(report.id), '--private'))}`
      : 'The private log of this crash is no longer kept (the last 10 are).',
  ].filter((step) => step !== null);
  return `\nNext:\n${steps.map((step) => bullet(step, context.columns)).join('\n')}\n`;
}
