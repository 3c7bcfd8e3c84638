import type { CrashCause, CrashFacts } from '../model/crash-facts.ts';
import type { CrashKind } from '../model/exit.ts';
import { causeWords, thrownWords } from './cause-words.ts';
import { exitWords } from './exit-words.ts';

/** Cause and exit for lists, the same for crashes that look the same: `TypeError (exit code 1)`, `SIGBUS`. */
export function causeLabel(cause: CrashCause): string {
  const name = causeName(cause);
  const how = exitWords(cause.status);
  return name === how ? name : `${name} (${how})`;
}

/** The heading of a call stack: `TypeError (exit code 1)`, `SIGSEGV (access to a null pointer)`. */
export function stackHeading(facts: CrashFacts): string {
  return facts.fault === null ? causeLabel(facts) : causeWords(facts);
}

function causeName(cause: CrashCause): string {
  const { kind, signal, status } = cause;
  const thrown = thrownWords(cause);
  switch (kind) {
    case 'exception':
      return thrown ?? KIND_NAMES.exception;
    case 'rejection':
    case 'abort':
      return thrown === null ? KIND_NAMES[kind] : `${KIND_NAMES[kind]}: ${thrown}`;
    case 'fault':
      return signal ?? (status.type === 'signal' ? status.signal : KIND_NAMES.fault);
    case 'exit':
      return status.type === 'code' ? exitWords(status) : KIND_NAMES.exit;
    default:
      return KIND_NAMES[kind];
  }
}

export const KIND_NAMES: Readonly<Record<CrashKind, string>> = {
  exception: 'uncaught exception',
  rejection: 'unhandled rejection',
  'stack-overflow': 'stack overflow',
  'out-of-memory': 'out of memory',
  fault: 'native fault',
  abort: 'abort',
  exit: 'exit with an error code',
  'oom-kill': 'OOM kill',
};
