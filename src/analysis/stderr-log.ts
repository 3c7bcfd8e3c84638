import { exitReasonWords } from '../explain/exit-reason-words.ts';
import type { EndedRun } from '../model/run.ts';
import { headerText, problemsText, stderrText } from './private-sections.ts';

/** The log of a crash without a capture: the exit and the end of standard error. */
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
    ['time', new Date(ended.diedAt.wallMs).toISOString()],
    ['kind', ended.verdict.kind],
    ['reason', exitReasonWords(ended.verdict.reason, ended.status)],
  ] as const;
  const problem = ended.armed ? 'no-record' : 'not-armed';
  return [headerText(ended.id, rows), problemsText([{ code: problem }]), stderrText(crash.stderrTail)]
    .filter((section) => section !== '')
    .join('\n');
}
