import type { CrashKind, ExitStatus } from '../../model/exit.ts';
import { exitWords } from './exit-words.ts';

export type CauseFacts = {
  kind: CrashKind;
  exceptionType: string | null;
  code: string | null;
  signal: string | null;
  status: ExitStatus;
};

/** Why it ended and how, as short as a code: `TypeError (exit code 1)`, `stack overflow (SIGSEGV)`, `SIGBUS`. */
export function exceptionCode(facts: CauseFacts): string {
  const cause = causeName(facts);
  const how = exitWords(facts.status);
  return cause === how ? cause : `${cause} (${how})`;
}

/** The cause alone: `TypeError`, `unhandled rejection: Error ECONNREFUSED`, `heap full`. */
function causeName({ kind, exceptionType, code, signal, status }: CauseFacts): string {
  const thrown = [exceptionType, code].filter((part) => part !== null).join(' ');
  switch (kind) {
    case 'exception':
      return thrown === '' ? 'unhandled exception' : thrown;
    case 'rejection':
      return thrown === '' ? 'unhandled rejection' : `unhandled rejection: ${thrown}`;
    case 'abort':
      return thrown === '' ? 'abort' : `abort: ${thrown}`;
    case 'fault':
      return signal ?? (status.type === 'signal' ? status.signal : 'fault');
    default:
      return KIND_NAMES[kind];
  }
}

/** What people call each kind. */
export const KIND_NAMES: Readonly<Record<CrashKind, string>> = {
  exception: 'exception',
  rejection: 'unhandled rejection',
  'stack-overflow': 'stack overflow',
  'out-of-memory': 'heap full',
  fault: 'fault',
  abort: 'abort',
  exit: 'ended itself',
  'oom-kill': 'killed: out of memory',
};
