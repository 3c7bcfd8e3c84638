/** What a death by a signal was, in words that are constants: no text of the worker's. */
export const FAULT_SUMMARIES = [
  'stack-overflow',
  'null-access',
  'bad-access',
  'protected-access',
  /** The instruction pointer went where no code is: through a bad function pointer or return address. */
  'bad-jump',
  'misaligned-access',
  'privileged-instruction',
  /** x86 general protection that could not be told apart further. */
  'general-protection',
  /** A mapped file became shorter, or its file system full. */
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
  /** A process sent the signal, perhaps this one to itself. */
  'sent-signal',
  'other-signal',
] as const;
export type FaultSummary = (typeof FAULT_SUMMARIES)[number];

export const ADDRESS_CLASSES = [
  /** Below 64 KiB: a null pointer, or a member of what it points to. */
  'null',
  'non-canonical',
  'unmapped',
  /** Below a stack, where it would have grown. */
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

/** What may leave the instance of a fault. */
export type PublicFault = {
  summary: FaultSummary;
  /** `si_code` (sigaction(2)); null without siginfo. */
  siCode: number | null;
  addressClass: AddressClass | null;
  /** Number of the system call that seccomp forbade. */
  systemCall: number | null;
  abortKind: AbortKind | null;
};

/** What a native death was, as far as registers, signal and memory tell it at the moment of capture. Private. */
export type FaultClassification = PublicFault & {
  kind: 'fault' | 'abort' | 'stack-overflow';
  signal: number;
  /** Address that was accessed or executed; null where the hardware does not say, or the signal has none. */
  faultAddress: bigint | null;
  /** What glibc said when it aborted; an assertion's text can hold anything. */
  abortText: string | null;
  /** Mangled name of the type of an exception that was in flight or being handled. */
  cxxExceptionType: string | null;
};
