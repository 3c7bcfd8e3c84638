/** What a fatal signal meant, as constants: no text of the worker. */
export const FAULT_SUMMARIES = [
  'stack-overflow',
  'null-access',
  'bad-access',
  'protected-access',
  /** The instruction pointer left the code, through a bad function pointer or return address. */
  'bad-jump',
  'misaligned-access',
  'privileged-instruction',
  /** x86 general protection fault without further detail. */
  'general-protection',
  /** A mapped file was truncated, or its file system is full. */
  'truncated-mapping',
  'memory-failure',
  'bus-error',
  'illegal-instruction',
  'integer-division',
  'integer-overflow',
  'floating-point',
  'arithmetic',
  'trap',
  'forbidden-system-call',
  'bad-system-call',
  'abort',
  /** A process sent the signal, possibly this one to itself. */
  'sent-signal',
  'other-signal',
] as const;
export type FaultSummary = (typeof FAULT_SUMMARIES)[number];

export const ADDRESS_CLASSES = [
  /** Below 64 KiB: a null pointer, or a member accessed through one. */
  'null',
  'non-canonical',
  'unmapped',
  /** Below a stack, where it would have grown into. */
  'stack-guard',
  'read-only',
  'not-executable',
  'inaccessible',
  'file',
  'memory',
] as const;
export type AddressClass = (typeof ADDRESS_CLASSES)[number];

export const ABORT_KINDS = [
  'double-free',
  'invalid-free',
  'heap-corruption',
  'stack-smashing',
  'buffer-overflow',
  'assertion',
  'other-fatal',
  'uncaught-exception',
  'unknown',
] as const;
export type AbortKind = (typeof ABORT_KINDS)[number];

/** The public part of a fault. */
export type PublicFault = {
  summary: FaultSummary;
  /** `si_code` (sigaction(2)); null without siginfo. */
  siCode: number | null;
  addressClass: AddressClass | null;
  /** Number of the system call that seccomp blocked. */
  systemCall: number | null;
  abortKind: AbortKind | null;
};

/** A fatal signal, as far as registers, signal and memory show at the time of capture. Private. */
export type FaultClassification = PublicFault & {
  kind: 'fault' | 'abort' | 'stack-overflow';
  signal: number;
  /** Accessed or executed address; null if the hardware or the signal does not give one. */
  faultAddress: bigint | null;
  /** glibc's abort message; the text of an assertion can contain anything. */
  abortText: string | null;
  /** Mangled type name of the exception in flight or being handled. */
  cxxExceptionType: string | null;
};
