import type { AbortKind, FaultSummary } from '../../model/fault.ts';
import type { ToldCrash } from '../notice.ts';
import { oneLine } from './one-line.ts';

/** Why it crashed, to follow `because of`: `an uncaught TypeError`, `a segmentation fault (null pointer)`. */
export function causeWords(crash: ToldCrash): string {
  const type = typeWords(crash);
  switch (crash.crashKind) {
    case 'exception':
      return type === null ? 'an uncaught exception' : `an uncaught ${type}`;
    case 'rejection':
      return type === null
        ? 'an unhandled promise rejection'
        : `an unhandled promise rejection (${type.replace(' (', ', ').replace(/\)$/, '')})`;
    case 'stack-overflow':
      return 'a stack overflow';
    case 'out-of-memory':
      return 'a full JavaScript heap';
    case 'oom-kill':
      return "the kernel's out-of-memory killer";
    case 'fault':
      return faultCause(crash);
    case 'abort':
      return abortCause(crash);
    case 'exit':
      return crash.exitStatus?.type === 'code'
        ? `an exit with code ${crash.exitStatus.code}`
        : 'an exit of its own';
  }
}

/** `TypeError`, `Error (ECONNREFUSED)`; null where nothing is known of what was thrown. */
export function typeWords({ exceptionType, code }: Pick<ToldCrash, 'exceptionType' | 'code'>): string | null {
  if (exceptionType === null) return code === null ? null : `exception (${oneLine(code, 30)})`;
  const type = oneLine(exceptionType, 50);
  return code === null ? type : `${type} (${oneLine(code, 30)})`;
}

function faultCause({ signal, report }: ToldCrash): string {
  const fault = report?.fault ?? null;
  if (isRustPanic(report)) return 'a Rust panic';
  if (fault?.summary === 'forbidden-system-call' && fault.systemCall !== null) {
    return `a system call that is forbidden (number ${fault.systemCall})`;
  }
  const known = signal === null ? undefined : SIGNALS[signal];
  const what =
    known ?? (signal === null ? 'a fault in native code' : `a fatal signal (${oneLine(signal, 20)})`);
  const detail = fault === null ? undefined : DETAILS[fault.summary];
  if (detail === undefined || what.includes('(')) return what;
  // A bus error of the kind `bus error` needs no saying twice.
  return what.endsWith(detail) ? what : `${what} (${detail})`;
}

function abortCause({ exceptionType, report }: ToldCrash): string {
  if (isRustPanic(report)) return 'a Rust panic';
  const kind = report?.fault?.abortKind ?? 'unknown';
  if (kind === 'uncaught-exception') {
    return exceptionType === null
      ? 'an uncaught C++ exception'
      : `an uncaught C++ exception (${oneLine(exceptionType, 50)})`;
  }
  return ABORTS[kind];
}

/** A program whose panics abort looks like any that aborts itself, but for its stack. */
function isRustPanic(report: ToldCrash['report']): boolean {
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
  SIGFPE: 'an arithmetic fault',
  SIGTRAP: 'a trap instruction',
  SIGSYS: 'a forbidden system call',
  SIGABRT: 'an abort',
};

const DETAILS: Readonly<Partial<Record<FaultSummary, string>>> = {
  'null-access': 'null pointer',
  'bad-access': 'memory that is not there',
  'protected-access': 'protected memory',
  'bad-jump': 'jump to where no code is',
  'misaligned-access': 'misaligned address',
  'privileged-instruction': 'privileged instruction',
  'general-protection': 'access that the processor refused',
  'truncated-mapping': 'mapped file that became shorter',
  'memory-failure': 'defective memory',
  'integer-division': 'integer division by zero',
  'integer-overflow': 'integer overflow',
  'floating-point': 'floating point',
  'sent-signal': 'sent by a process',
};

const ABORTS: Readonly<Record<Exclude<AbortKind, 'uncaught-exception'>, string>> = {
  'double-free': 'an abort (double free)',
  'invalid-free': 'an abort (free of an invalid pointer)',
  'heap-corruption': 'an abort (corrupted heap)',
  'stack-smashing': 'an abort (overwritten stack)',
  'buffer-overflow': 'an abort (buffer overflow)',
  assertion: 'a failed assertion',
  'other-fatal': 'an abort (fatal error in the C library)',
  unknown: 'an abort',
};
