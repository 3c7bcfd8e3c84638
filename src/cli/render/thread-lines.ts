import type { RedactedReport } from '../../model/redacted-report.ts';
import type { Hint } from '../hint.ts';
import { shortId } from './crash-table.ts';
import { count } from './layout.ts';
import { type StackOptions, stackLines } from './stack-lines.ts';

/** The other threads: the command that shows them, or each distinct stack once. */
export function threadLines(
  { id, otherThreads }: RedactedReport,
  areWanted: boolean,
  hint: Hint,
  options: StackOptions,
): string[] {
  if (otherThreads.length === 0) return [];
  const total = otherThreads.reduce((sum, group) => sum + group.count, 0);
  const threads = count(total, 'other thread');
  if (!areWanted) return ['', `${threads}: ${hint('show', shortId(id), '--threads')}`];
  return [
    '',
    `${threads}, innermost frames first:`,
    ...otherThreads.flatMap((group) => [
      '',
      options.colors.bold(group.count === 1 ? '  1 thread' : `  ${group.count} threads like this`),
      ...(group.frames.length === 0
        ? ['      No call stack.']
        : stackLines(group.frames, { ...options, keepFirst: false, indent: '  ' })),
    ]),
  ];
}
