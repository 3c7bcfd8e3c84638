import type { RedactedReport } from '../model/redacted-report.ts';
import { problemWords } from './problem-words.ts';

/** A report as JSON that programs and people read: its problems also in words. */
export type ShownReport = Omit<RedactedReport, 'problems'> & {
  readonly problems: readonly { code: string; count?: number; text: string }[];
};

export function shownReport(report: RedactedReport): ShownReport {
  return { ...report, problems: report.problems.map((each) => ({ ...each, text: problemWords(each) })) };
}
