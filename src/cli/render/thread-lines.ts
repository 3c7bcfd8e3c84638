import { otherThreadsWords, threadSections } from '../../explain/stack-sections.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { Hint } from '../hint.ts';
import { shortId } from './crash-table.ts';
import { type StackOptions, sectionLines } from './stack-lines.ts';

/** The other threads: the command that shows them, or each distinct stack once. */
export function threadLines(
  { id, otherThreads }: RedactedReport,
  areWanted: boolean,
  hint: Hint,
  options: StackOptions,
): string[] {
  if (otherThreads.length === 0) return [];
  const threads = otherThreadsWords(otherThreads);
  if (!areWanted) return ['', `${threads}: ${hint('show', shortId(id), '--threads')}`];
  const sections = sectionLines(threadSections(otherThreads), { ...options, indent: '  ' });
  return ['', `${threads}, innermost frames first:`, ...sections];
}
