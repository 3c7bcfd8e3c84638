/** What a native death was, as far as registers, signal and memory tell it at the moment of capture. */
export type FaultClassification = {
  kind: 'fault' | 'abort' | 'stack-overflow';
  summary: FaultSummary;
  signal: number;
  /** `si_code` (sigaction(2)); null without siginfo. */
  siCode: number | null;
  /** Address that was accessed or executed; null where the hardware does not say, or the signal has none. */
  faultAddress: bigint | null;
  addressClass: AddressClass | null;
  /** Number of the system call that seccomp forbade. */
  systemCall: number | null;
  abortKind: AbortKind | null;
  /** What glibc said when it aborted; an assertion's text can hold anything. Private. */
  abortText: string | null;
  /** Mangled name of the type of an exception that was in flight or being handled. */
  cxxExceptionType: string | null;
};

/** Public vocabulary: constants, no text of the worker's. */
export type FaultSummary =
  | 'stack-overflow'
  | 'null-access'
  | 'bad-access'
  | 'protected-access'
  /** The instruction pointer went where no code is: through a bad function pointer or return address. */
  | 'bad-jump'
  | 'misaligned-access'
  | 'privileged-instruction'
  /** x86 general protection that could not be told apart further. */
  | 'general-protection'
  /** A mapped file became shorter, or its file system full. */
  | 'truncated-mapping'
  | 'memory-failure'
  | 'bus-error'
  | 'illegal-instruction'
  | 'integer-division'
  | 'integer-overflow'
  | 'floating-point'
  | 'arithmetic'
  | 'trap'
  | 'forbidden-system-call'
  | 'bad-system-call'
  | 'abort'
  /** A process sent the signal, perhaps this one to itself. */
  | 'sent-signal'
  | 'other-signal';

export type AddressClass =
  /** Below 64 KiB: a null pointer, or a member of what it points to. */
  | 'null'
  | 'non-canonical'
  | 'unmapped'
  /** Below a stack, where it would have grown. */
  | 'stack-guard'
  | 'read-only'
  | 'not-executable'
  | 'inaccessible'
  | 'file'
  | 'memory';

export type AbortKind =
  | 'double-free'
  | 'invalid-free'
  | 'heap-corruption'
  | 'stack-smashing'
  | 'buffer-overflow'
  | 'assertion'
  | 'other-fatal'
  | 'uncaught-exception'
  | 'unknown';
