import type { Journal, Publication } from '../journal/journal.ts';
import type { ExitVerdict } from '../model/exit.ts';
import type { RedactedReport } from '../model/redacted-report.ts';
import type { EndedRun } from '../model/run.ts';
import { captureUid, publishCapture } from '../privacy/publish-crash.ts';
import { groupOfReport, type PrintedFacts } from './group-crash.ts';

type Known = {
  /** What last words made of the recorded one; absent after a capture. */
  verdict?: ExitVerdict;
  /** What is known of a captured crash by its last words alone, or by what the system's handler has of it. */
  printed?: PrintedFacts | null;
};

/** Stores the report of an exit with what leaves the analysis for others: its record and its news. */
export function storeReport(
  journal: Journal,
  ended: EndedRun,
  report: RedactedReport,
  { verdict, printed = null }: Known,
): void {
  const uplink = journal.uplink();
  const notify = journal.notify();
  // Of a masked crash no record was sent. Without a receiver, `crashmon show` names the group.
  const group = ended.verdict.counted ? groupOfReport(report, printed, ended.status) : undefined;
  const publication: Publication = {};
  if (group !== undefined && uplink !== null) {
    const records = [publishCapture(ended, report, group, verdict)];
    publication.outgoing = { version: uplink.appVersion, records };
  }
  if (group !== undefined && notify !== null) {
    publication.news = { uid: captureUid(ended), version: notify.appVersion };
  }
  journal.saveReport(ended.id, report, {
    ...publication,
    group,
    ...(verdict === undefined ? {} : { verdict }),
  });
}
