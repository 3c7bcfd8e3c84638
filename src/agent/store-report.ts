import type { Journal, Publication } from '../journal/journal.ts';
import type { ExitVerdict } from '../model/exit.ts';
import type { RedactedReport } from '../model/redacted-report.ts';
import type { EndedRun } from '../model/run.ts';
import { captureUid, publishCapture } from '../privacy/publish-crash.ts';
import { groupOfReport } from './group-crash.ts';

/**
 * Stores the report of an exit with what leaves the analysis for others: its record and its news.
 * @param verdict what last words made of the recorded one; absent after a capture
 */
export function storeReport(
  journal: Journal,
  ended: EndedRun,
  report: RedactedReport,
  verdict?: ExitVerdict,
): void {
  const uplink = journal.uplink();
  const notify = journal.notify();
  // Of a masked crash no record was sent.
  const isPublic = ended.verdict.counted && (uplink !== null || notify !== null);
  const group = isPublic ? groupOfReport(report, ended.status) : undefined;
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
