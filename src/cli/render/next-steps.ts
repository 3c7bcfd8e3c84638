import { adviceFor } from '../../explain/advice.ts';
import type { KnownCause } from '../../explain/known-causes/known-cause.ts';
import { nearestPlace } from '../../explain/nearest-place.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { CliContext } from '../context.ts';
import type { Hint } from '../hint.ts';
import { shortId } from './crash-table.ts';
import { bullet, unbroken } from './layout.ts';
import { line } from './safe-text.ts';

/** Next steps for a report: those of its known cause, else general advice. `privateLog`: is the log with the message still kept? */
export function nextSteps(
  report: RedactedReport,
  cause: KnownCause | null,
  privateLog: boolean,
  hint: Hint,
  context: CliContext,
): string {
  const place = nearestPlace(report);
  const what = report.fault === null ? 'The message and the last output stay' : 'Registers and messages stay';
  const steps = [
    place === null ? null : `Your code nearest to the crash: ${line(place)}`,
    ...(cause === null ? [adviceFor(report)] : cause.steps),
    privateLog
      ? `${what} on this machine: ${unbroken(hint('show', shortId(report.id), '--private'))}`
      : 'The private log of this crash was deleted (the last 10 are kept).',
  ].filter((step) => step !== null);
  return `\nNext:\n${steps.map((step) => bullet(step, context.columns)).join('\n')}\n`;
}
