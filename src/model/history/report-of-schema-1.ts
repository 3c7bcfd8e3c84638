import type { RedactedReport } from '../redacted-report.ts';
import { sentenceOfProblem } from './problem-sentences.ts';

/** HISTORY: a report for portals of version 0.1, which refuse any other schema. */
export function reportOfSchema1(report: RedactedReport): object {
  const problems = report.problems.flatMap((problem) => sentenceOfProblem(problem) ?? []);
  return { ...report, schemaVersion: 1, problems };
}
