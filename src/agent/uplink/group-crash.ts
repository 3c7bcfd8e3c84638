import type { RedactedReport } from '../../model/redacted-report.ts';
import type { Group, PublicExit } from '../../privacy/publish-crash.ts';

/** What crashes of one cause have in common, as far as an exit alone tells. */
export function groupOfExit({ kind, status }: PublicExit): Group {
  const how =
    status.type === 'code' ? `exit ${status.code}` : status.type === 'signal' ? status.signal : 'end';
  return { signatures: [`v0:${kind}:${how}`], title: how };
}

/** What crashes of one cause have in common, by the report. */
export function groupOfReport(report: RedactedReport): Group {
  const place = report.frames.find(({ inApp }) => inApp)?.function ?? null;
  const what = report.exceptionType ?? report.signal ?? report.kind;
  const title = place === null ? what : `${what} in ${place}`;
  return { signatures: [`v0:${report.kind}:${title}`], title };
}
