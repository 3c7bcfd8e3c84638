import { problemWords } from '../explain/problem-words.ts';
import type { Problem } from '../model/problem.ts';
import { indent, printable } from './printable.ts';

const MAX_STDERR_LINES = 200;
const MAX_STDERR_LENGTH = 64 * 1024;

export function headerText(id: string, rows: readonly (readonly [string, string | null])[]): string {
  const lines = rows.flatMap(([name, value]) =>
    value === null ? [] : [`  ${name.padEnd(9)} ${printable(value).replaceAll('\n', ' ')}`],
  );
  return [`Crash ${printable(id)}`, ...lines, ''].join('\n');
}

export function problemsText(problems: readonly Problem[]): string {
  return problems.length === 0
    ? ''
    : `Problems\n${indent(printable(problems.map(problemWords).join('\n')), '  - ')}`;
}

export function stderrText(tail: string | null): string {
  if (tail === null || tail.trim() === '') return '';
  const lines = tail.slice(-MAX_STDERR_LENGTH).trimEnd().split('\n').slice(-MAX_STDERR_LINES);
  return `Standard error, last lines\n${indent(printable(lines.join('\n')), '  | ')}`;
}
