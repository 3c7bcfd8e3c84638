import { heapWords } from '../explain/heap-words.ts';
import { runtimeWords } from '../explain/runtime-words.ts';
import type { CrashReport, ExceptionDetail } from '../model/crash-report.ts';
import { indent, printable } from './printable.ts';
import { memoryText } from './private-memory.ts';
import { nativeCrashText, otherThreadsText } from './private-native-crash.ts';
import { headerText, problemsText, stderrText } from './private-sections.ts';
import { imagesText, stackText } from './private-stack.ts';

/**
 * The private log of a crash: everything, including the message, for users of this machine. Control characters are escaped,
 * so that `cat` is safe.
 */
export function formatPrivateLog(report: CrashReport, stderrTail: string | null): string {
  const sections = [
    header(report),
    report.exception === null ? '' : exceptionText(report.exception, ''),
    nativeCrashText(report),
    memoryText(report),
    stackText(report.frames),
    handlerFailureText(report),
    ...report.causes.map((cause) => exceptionText(cause, 'Caused by: ') + stackText(cause.frames)),
    ...(report.exception?.members ?? []).map((member, index) => {
      const heading = `Error ${index + 1} of ${report.exception?.membersTotal}: `;
      return exceptionText(member, heading) + stackText(member.frames);
    }),
    otherThreadsText(report),
    imagesText([report.frames, ...(report.native?.otherThreads ?? []).map(({ frames }) => frames)].flat()),
    problemsText(report.problems),
    stderrText(stderrTail),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function header(report: CrashReport): string {
  const rows = [
    ['app', report.app],
    ['instance', report.instance],
    ['time', new Date(report.diedAtMs).toISOString()],
    ['kind', report.kind],
    ['signal', report.signal],
    ['runtime', report.runtime === null ? null : runtimeWords(report.runtime)],
    ['heap', report.heap === null ? null : heapWords(report.heap)],
    ['pause', report.holdMs > 0 ? `${report.holdMs} ms` : null],
  ] as const;
  return headerText(report.id, rows);
}

function exceptionText(exception: ExceptionDetail, heading: string): string {
  const code = exception.code === null ? '' : ` [${exception.code}]`;
  const missing = exception.messageLength - exception.message.length;
  const cut = missing > 0 ? `\n(${missing} more characters were not kept)` : '';
  const type = printable(`${exception.type}${code}`).replaceAll('\n', ' ');
  const message = printable(exception.message) + cut;
  return `${heading}${type}\n${message === '' ? '' : indent(message, '  ')}`;
}

function handlerFailureText({ handlerFailure }: CrashReport): string {
  if (handlerFailure === undefined) return '';
  return `The app's uncaughtException handler then threw: ${handlerFailure.type ?? 'unknown exception'}\n${stackText(handlerFailure.frames)}`;
}
