import type { AbortKind, FaultSummary } from '../../model/fault.ts';
import type { NotifiedCrash } from '../notification.ts';
import { oneLine } from './one-line.ts';

/** The cause, to follow `because of`: `an uncaught TypeError`, `a segmentation fault (null pointer)`. */
export function causeWords(crash: NotifiedCrash): string {
  const type = typeWords(crash);
  switch (crash.crashKind) {
    case 'exception':
      return type === null ? 'an uncaught exception' : `an uncaught ${type}`;
    case 'rejection':
      return type === null
        ? 'an unhandled rejection'
        : `an unhandled rejection (${type.replace(' (', ', ').replace(/\)$/, '')})`;
    case 'stack-overflow':
      return 'a stack overflow';
    case 'out-of-memory':
      return 'an out-of-memory error (JavaScript heap)';
    case 'oom-kill':
      return 'an OOM kill by the kernel';
    case 'fault':
      return faultCause(crash);
    case 'abort':
      return abortCause(crash);
    case 'exit':
      return crash.exitStatus?.type === 'code'
        ? `an exit with code ${crash.exitStatus.code}`
        : 'a nonzero exit code';
  }
}

/** `TypeError`, `Error (ECONNREFUSED)`; null if the exception is unknown. */
export function typeWords({
  exceptionType,
  code,
}: Pick<NotifiedCrash, 'exceptionType' | 'code'>): string | null {
  if (exceptionType === null) return code === null ? null : `exception (${oneLine(code, 30)})`;
  const type = oneLine(exceptionType, 50);
  return code === null ? type : `${type} (${oneLine(code, 30)})`;
}

function faultCause({ signal, report }: NotifiedCrash): string {
  const fault = report?.fault ?? null;
  if (isRustPanic(report)) return 'a Rust panic';
  if (fault?.summary === 'forbidden-system-call' && fault.systemCall !== null) {
    return `a system call blocked by seccomp (number ${fault.systemCall})`;
  }
  const known = signal === null ? undefined : SIGNALS[signal];
  const what =
    known ?? (signal === null ? 'a fault in native code' : `a fatal signal (${oneLine(signal, 20)})`);
  const detail = fault === null ? undefined : DETAILS[fault.summary];
  if (detail === undefined || what.includes('(')) return what;
  // Not `a bus error (bus error)`.
  return what.endsWith(detail) ? what : `${what} (${detail})`;
}

function abortCause({ exceptionType, report }: NotifiedCrash): string {
  if (isRustPanic(report)) return 'a Rust panic';
  const kind = report?.fault?.abortKind ?? 'unknown';
  if (kind === 'uncaught-exception') {
    return exceptionType === null
      ? 'an uncaught C++ exception'
      : `an uncaught C++ exception (${oneLine(exceptionType, 50)})`;
  }
  return ABORTS[kind];
}

/** A Rust panic that aborts differs from any other abort only in its stack. */
function isRustPanic(report: NotifiedCrash['report']): boolean {
  const { fault = null, frames = [] } = report ?? {};
  if (fault?.abortKind !== 'unknown' && fault?.summary !== 'illegal-instruction') return false;
  return frames.some(({ function: name }) =>
    /^(?:core|std)::panicking::|^rust_begin_unwind$/.test(name ?? ''),
  );
}

const SIGNALS: Readonly<Record<string, string>> = {
  SIGSEGV: 'a segmentation fault',
  SIGBUS: 'a bus error',
  SIGILL: 'an illegal instruction',
  SIGFPE: 'an arithmetic error',
  SIGTRAP: 'a trap instruction',
  SIGSYS: 'a bad system call',
  SIGABRT: 'an abort',
};

const DETAILS: Readonly<Partial<Record<FaultSummary, string>>> = {
  'null-access': 'null pointer',
  'bad-access': 'invalid address',
  'protected-access': 'protected memory',
  'bad-jump': 'jump to an invalid address',
  'misaligned-access': 'misaligned address',
  'privileged-instruction': 'privileged instruction',
  'general-protection': 'general protection fault',
  'truncated-mapping': 'truncated mapped file',
  'memory-failure': 'hardware memory error',
  'integer-division': 'integer division by zero',
  'integer-overflow': 'integer overflow',
  'floating-point': 'floating point',
  'sent-signal': 'sent by a process',
};

const ABORTS: Readonly<Record<Exclude<AbortKind, 'uncaught-exception'>, string>> = {
  'double-free': 'an abort (double free)',
  'invalid-free': 'an abort (free of an invalid pointer)',
  'heap-corruption': 'an abort (heap corruption)',
  'stack-smashing': 'an abort (stack smashing)',
  'buffer-overflow': 'an abort (buffer overflow)',
  assertion: 'a failed assertion',
  'other-fatal': 'an abort (fatal error in the C library)',
  unknown: 'an abort',
};
