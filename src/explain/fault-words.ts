import type { AbortKind, AddressClass, FaultSummary, PublicFault } from '../model/fault.ts';

/**
 * What a fatal signal means, for a headline: `access to a null pointer`, `double free`. `exceptionType` is the
 * type of an uncaught C++ exception.
 */
export function faultWords(fault: PublicFault, exceptionType: string | null): string {
  const { summary, abortKind, systemCall } = fault;
  if (summary === 'abort') {
    if (abortKind !== 'uncaught-exception') return ABORT_WORDS[abortKind ?? 'unknown'];
    return exceptionType === null ? 'uncaught C++ exception' : `uncaught C++ exception ${exceptionType}`;
  }
  if (summary === 'forbidden-system-call' && systemCall !== null) {
    return `system call ${systemCall} blocked by seccomp`;
  }
  if (summary === 'bad-system-call' && systemCall !== null) return `unknown system call ${systemCall}`;
  return SUMMARY_WORDS[summary];
}

/** Short form for a table column next to the signal; '' if the signal says enough. */
export function shortFaultWords({ summary, abortKind }: PublicFault): string {
  if (summary === 'abort') {
    const kind = abortKind ?? 'unknown';
    return SHORT_ABORT_WORDS[kind] ?? ABORT_WORDS[kind];
  }
  return SHORT_WORDS[summary] ?? summary.replaceAll('-', ' ');
}

/** What kind of memory the faulting address is in. */
export function addressWords(addressClass: AddressClass): string {
  return ADDRESS_WORDS[addressClass];
}

const SUMMARY_WORDS: Readonly<Record<FaultSummary, string>> = {
  'stack-overflow': 'stack overflow',
  'null-access': 'access to a null pointer',
  'bad-access': 'access to an invalid address',
  'protected-access': 'access to protected memory',
  'bad-jump': 'jump to an invalid address',
  'misaligned-access': 'access to a misaligned address',
  'privileged-instruction': 'privileged instruction',
  'general-protection': 'general protection fault',
  'truncated-mapping': 'access past the end of a mapped file',
  'memory-failure': 'hardware memory error',
  'bus-error': 'bus error',
  'illegal-instruction': 'illegal instruction',
  'integer-division': 'integer division by zero',
  'integer-overflow': 'integer overflow',
  'floating-point': 'floating-point error',
  arithmetic: 'arithmetic error',
  trap: 'trap or breakpoint instruction',
  'forbidden-system-call': 'system call blocked by seccomp',
  'bad-system-call': 'unknown system call',
  abort: 'process aborted itself',
  'sent-signal': 'sent by a process',
  'other-signal': 'fatal signal',
};

const ABORT_WORDS: Readonly<Record<AbortKind, string>> = {
  'double-free': 'double free',
  'invalid-free': 'free of an invalid pointer',
  'heap-corruption': 'heap corruption',
  'stack-smashing': 'stack smashing',
  'buffer-overflow': 'buffer overflow',
  assertion: 'failed assertion',
  'other-fatal': 'fatal error in glibc',
  'uncaught-exception': 'uncaught C++ exception',
  unknown: 'process aborted itself',
};

const SHORT_WORDS: Readonly<Partial<Record<FaultSummary, string>>> = {
  'other-signal': '',
  'privileged-instruction': 'privileged',
  'truncated-mapping': 'truncated file',
  'integer-division': 'division by zero',
  'forbidden-system-call': 'seccomp',
};

const SHORT_ABORT_WORDS: Readonly<Partial<Record<AbortKind, string>>> = {
  'invalid-free': 'invalid free',
  assertion: 'assertion',
  'other-fatal': 'fatal error',
  'uncaught-exception': 'C++ exception',
  unknown: '',
};

const ADDRESS_WORDS: Readonly<Record<AddressClass, string>> = {
  null: 'null or close to it: a null pointer, or a member accessed through one',
  'non-canonical': 'non-canonical: a corrupted pointer',
  unmapped: 'not mapped: an invalid pointer, or memory that was already unmapped',
  'stack-guard': 'below a stack, in the area it would have grown into',
  'read-only': 'read-only memory',
  'not-executable': 'memory that holds data, not code',
  inaccessible: 'reserved memory without access rights',
  file: 'a mapped file',
  memory: 'regular memory of the process',
};
