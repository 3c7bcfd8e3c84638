import type { NextSteps } from '../../explain/next-steps.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { CliContext } from '../context.ts';
import type { Hint } from '../hint.ts';
import { shortId } from './crash-table.ts';
import { bullet, unbroken } from './layout.ts';
import { line } from './safe-text.ts';

/** What to do about a crash. `privateLog`: is the log with the message still kept? */
export function nextStepsText(
  { place, knownCauses: [cause], advice }: NextSteps,
  report: RedactedReport,
  privateLog: boolean,
  hint: Hint,
  context: CliContext,
): string {
  const what = report.fault === null ? 'The message and the last output stay' : 'Registers and messages stay';
  const steps = [
    place === null ? null : `Your code nearest to the crash: ${line(place)}`,
    ...(cause?.steps ?? [advice]),
    privateLog
      ? `${what} on this machine: ${unbroken(hint('show', shortId(report.id), '--private'))}`
      : 'The private log of this crash was deleted (the last 10 are kept).',
  ].filter((step) => step !== null);
  return `\nNext:\n${steps.map((step) => bullet(step, context.columns)).join('\n')}\n`;
}
