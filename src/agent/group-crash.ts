import { type CrashFacts, factsOfExit } from '../model/crash-facts.ts';
import type { ExitStatus } from '../model/exit.ts';
import type { RedactedReport } from '../model/redacted-report.ts';
import type { Group, PublicExit } from '../privacy/publish-crash.ts';
import { signatureOf } from '../signature/signature.ts';
import { valuesOfCapture } from '../signature/signature-values.ts';

/** What crashes of one cause have in common, as far as an exit alone shows. */
export function groupOfExit({ kind, status }: PublicExit): Group {
  const { values, title } = signatureOf(factsOfExit(kind, status));
  return { signatures: values, title };
}

/** What is known of a captured crash without its capture. */
export type PrintedFacts = Omit<CrashFacts, 'status'>;

/** What crashes of one cause have in common, by the report; `printed` as `valuesOfCapture` has it. */
export function groupOfReport(
  report: RedactedReport,
  printed: PrintedFacts | null,
  status: ExitStatus,
): Group {
  const facts = { ...report, status };
  const ofPrinted = printed === null ? null : { ...printed, status };
  return { signatures: valuesOfCapture(facts, ofPrinted), title: signatureOf(facts).title };
}
