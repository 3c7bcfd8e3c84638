import { factsOfExit } from '../model/crash-facts.ts';
import type { ExitStatus } from '../model/exit.ts';
import type { RedactedReport } from '../model/redacted-report.ts';
import type { Group, PublicExit } from '../privacy/publish-crash.ts';
import { type Signature, signatureOf } from '../signature/signature.ts';

/** What crashes of one cause have in common, as far as an exit alone shows. */
export function groupOfExit({ kind, status }: PublicExit): Group {
  return groupOf(signatureOf(factsOfExit(kind, status)));
}

/** What crashes of one cause have in common, by the report. */
export function groupOfReport(report: RedactedReport, status: ExitStatus): Group {
  return groupOf(signatureOf({ ...report, status }));
}

function groupOf({ values, title }: Signature): Group {
  return { signatures: values, title };
}
