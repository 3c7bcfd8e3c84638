import type { AbortKind, AddressClass, FaultSummary, PublicFault } from '../model/fault.ts';

/**
 * What a death by a signal was, for a headline: `access to a null pointer`, `double free (glibc)`. `exceptionType` is
 * that of a C++ exception that nobody caught.
 */
export function faultWords(fault: PublicFault, exceptionType: string | null): string {
  const { summary, abortKind, systemCall } = fault;
  if (summary === 'abort') {
    if (abortKind !== 'uncaught-exception') return ABORT_WORDS[abortKind ?? 'unknown'];
    return exceptionType === null ? 'uncaught C++ exception' : `uncaught C++ exception ${exceptionType}`;
  }
  if (summary === 'forbidden-system-call' && systemCall !== null) {
    return `system call ${systemCall} forbidden by seccomp`;
  }
  if (summary === 'bad-system-call' && systemCall !== null) return `unknown system call ${systemCall}`;
  return SUMMARY_WORDS[summary];
}

/** The same for a column of a table beside the signal; '' where that says it all. */
export function shortFaultWords({ summary, abortKind }: PublicFault): string {
  if (summary === 'abort') return SHORT_ABORT_WORDS[abortKind ?? 'unknown'];
  return SHORT_WORDS[summary] ?? summary.replaceAll('-', ' ');
}

/** Where the address of a fault lies. */
export function addressWords(addressClass: AddressClass): string {
  return ADDRESS_WORDS[addressClass];
}

const SUMMARY_WORDS: Readonly<Record<FaultSummary, string>> = {
  'stack-overflow': 'stack overflow',
  'null-access': 'access to a null pointer',
  'bad-access': 'access to memory that is not there',
  'protected-access': 'forbidden access to protected memory',
  'bad-jump': 'jump to where no code is',
  'misaligned-access': 'access to a misaligned address',
  'privileged-instruction': 'privileged instruction',
  'general-protection': 'access that the processor refused',
  'truncated-mapping': 'access to a mapped file beyond its end',
  'memory-failure': 'defective memory',
  'bus-error': 'bus error',
  'illegal-instruction': 'illegal instruction',
  'integer-division': 'integer division by zero',
  'integer-overflow': 'integer overflow',
  'floating-point': 'floating-point error',
  arithmetic: 'arithmetic error',
  trap: 'trap or breakpoint',
  'forbidden-system-call': 'system call forbidden by seccomp',
  'bad-system-call': 'unknown system call',
  abort: 'aborted itself',
  'sent-signal': 'sent by a process',
  'other-signal': 'fatal signal',
};

const ABORT_WORDS: Readonly<Record<AbortKind, string>> = {
  'double-free': 'double free (glibc)',
  'invalid-free': 'free of an invalid pointer (glibc)',
  'heap-corruption': 'corrupted heap (glibc)',
  'stack-smashing': 'overwritten stack (stack protector)',
  'buffer-overflow': 'buffer overflow (glibc)',
  assertion: 'failed assertion',
  'other-fatal': 'fatal error (glibc)',
  'uncaught-exception': 'uncaught C++ exception',
  unknown: 'aborted itself',
};

const SHORT_WORDS: Readonly<Partial<Record<FaultSummary, string>>> = {
  'other-signal': '',
  'privileged-instruction': 'privileged',
  'truncated-mapping': 'truncated file',
  'integer-division': 'division by zero',
  'forbidden-system-call': 'seccomp',
};

const SHORT_ABORT_WORDS: Readonly<Record<AbortKind, string>> = {
  'double-free': 'double free',
  'invalid-free': 'invalid free',
  'heap-corruption': 'corrupted heap',
  'stack-smashing': 'overwritten stack',
  'buffer-overflow': 'buffer overflow',
  assertion: 'assertion',
  'other-fatal': 'fatal error',
  'uncaught-exception': 'C++ exception',
  unknown: '',
};

const ADDRESS_WORDS: Readonly<Record<AddressClass, string>> = {
  null: 'null, or close to it: a null pointer or a member of what it points to',
  'non-canonical': 'no possible address: a pointer that was overwritten',
  unmapped: 'not mapped: a pointer that is wrong, or to memory that was given back',
  'stack-guard': 'below a stack, where it would have grown',
  'read-only': 'read-only memory',
  'not-executable': 'memory that holds data, not code',
  inaccessible: 'reserved memory that nobody may access',
  file: 'a mapped file',
  memory: 'ordinary memory of the process',
};
