import { exitReasonWords } from '../explain/exit-reason-words.ts';
import type { CrashReport, ExceptionDetail } from '../model/crash-report.ts';
import { PROBLEMS } from '../model/problem.ts';
import type { EndedRun } from '../model/run.ts';
import { indent, printable } from './printable.ts';
import { nativeDeathText, otherThreadsText } from './private-native-death.ts';
import { imagesText, stackText } from './private-stack.ts';

/**
 * The private log file of a crash: everything, the full message included, for people with access to the machine.
 * Control characters are written visibly, so that `cat` is safe whatever the app said.
 */
export function formatPrivateLog(report: CrashReport, stderrTail: string | null): string {
  const sections = [
    header(report),
    report.exception === null ? '' : exceptionText(report.exception, ''),
    nativeDeathText(report),
    stackText(report.frames),
    handlerFailureText(report),
    ...report.causes.map((cause) => exceptionText(cause, 'Caused by ') + stackText(cause.frames)),
    ...(report.exception?.members ?? []).map((member, index) => {
      const heading = `Member ${index + 1} of ${report.exception?.membersTotal}: `;
      return exceptionText(member, heading) + stackText(member.frames);
    }),
    otherThreadsText(report),
    imagesText([report.frames, ...(report.native?.otherThreads ?? []).map(({ frames }) => frames)].flat()),
    problemsText(report.problems),
    stderrText(stderrTail),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

/** The log of a crash that was not captured: what is known of the exit, and the end of standard error. */
export function formatStderrLog(crash: {
  app: string;
  instance: string;
  ended: EndedRun;
  stderrTail: string | null;
}): string {
  const { app, instance, ended } = crash;
  const rows = [
    ['app', app],
    ['instance', instance],
    ['died', new Date(ended.diedAt.wallMs).toISOString()],
    ['kind', ended.verdict.kind],
    ['why', exitReasonWords(ended.verdict.reason, ended.status)],
  ] as const;
  const problem = ended.armed ? 'no-record' : 'not-armed';
  return [headerText(ended.id, rows), problemsText([PROBLEMS[problem]]), stderrText(crash.stderrTail)]
    .filter((section) => section !== '')
    .join('\n');
}

const MAX_STDERR_LINES = 200;
const MAX_STDERR_LENGTH = 64 * 1024;

function header(report: CrashReport): string {
  const rows = [
    ['app', report.app],
    ['instance', report.instance],
    ['died', new Date(report.diedAtMs).toISOString()],
    ['kind', report.kind],
    ['signal', report.signal],
    ['node', report.nodeVersion],
    ['heap', heapText(report)],
    ['held', report.holdMs > 0 ? `${report.holdMs} ms` : null],
  ] as const;
  return headerText(report.id, rows);
}

function headerText(id: string, rows: readonly (readonly [string, string | null])[]): string {
  const lines = rows.flatMap(([name, value]) =>
    value === null ? [] : [`  ${name.padEnd(9)} ${printable(value).replaceAll('\n', ' ')}`],
  );
  return [`Crash ${printable(id)}`, ...lines, ''].join('\n');
}

function problemsText(problems: readonly string[]): string {
  return problems.length === 0 ? '' : `Problems\n${indent(printable(problems.join('\n')), '  - ')}`;
}

function heapText({ heap }: CrashReport): string | null {
  if (heap === null) return null;
  const size = (bytes: number | null) => (bytes === null ? '?' : (bytes / 1024 / 1024).toFixed(1));
  return `${size(heap.usedBytes)} MB used, ${size(heap.committedBytes)} MB committed, limit ${size(heap.limitBytes)} MB`;
}

function exceptionText(exception: ExceptionDetail, heading: string): string {
  const code = exception.code === null ? '' : ` [${exception.code}]`;
  const missing = exception.messageLength - exception.message.length;
  const cut = missing > 0 ? `\n(${missing} more characters were not kept)` : '';
  const type = printable(`${exception.type}${code}`).replaceAll('\n', ' ');
  return `${heading}${type}\n${indent(printable(exception.message) + cut, '  ')}`;
}

function handlerFailureText({ handlerFailure }: CrashReport): string {
  if (handlerFailure === undefined) return '';
  return `The app's own handler threw ${handlerFailure.type ?? 'an exception'}\n${stackText(handlerFailure.frames)}`;
}

function stderrText(tail: string | null): string {
  if (tail === null || tail.trim() === '') return '';
  const lines = tail.slice(-MAX_STDERR_LENGTH).trimEnd().split('\n').slice(-MAX_STDERR_LINES);
  return `Standard error, last lines\n${indent(printable(lines.join('\n')), '  | ')}`;
}
