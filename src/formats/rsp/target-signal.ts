/**
 * The protocol has signal numbers of its own (gdb/signals.def); these are those that differ in meaning or place from
 * Linux on x86-64 and arm64.
 */
const BY_LINUX_NUMBER: ReadonlyMap<number, number> = new Map([
  ...[1, 2, 3, 4, 5, 6, 8, 9, 11, 13, 14, 15].map((same): [number, number] => [same, same]),
  [7, 10], // SIGBUS
  [10, 30], // SIGUSR1
  [12, 31], // SIGUSR2
  [17, 20], // SIGCHLD
  [18, 19], // SIGCONT
  [19, 17], // SIGSTOP
  [20, 18], // SIGTSTP
  [21, 21], // SIGTTIN
  [22, 22], // SIGTTOU
  [23, 16], // SIGURG
  [24, 24], // SIGXCPU
  [25, 25], // SIGXFSZ
  [26, 26], // SIGVTALRM
  [27, 27], // SIGPROF
  [28, 28], // SIGWINCH
  [29, 23], // SIGIO
  [30, 32], // SIGPWR
  [31, 12], // SIGSYS
  [32, 77], // real-time signals: the first and the last came late
  ...Array.from({ length: 31 }, (_, index): [number, number] => [33 + index, 45 + index]),
  [64, 78],
]);
const BY_TARGET_NUMBER = new Map(Array.from(BY_LINUX_NUMBER, ([linux, target]) => [target, linux]));

/** GDB_SIGNAL_UNKNOWN: what gdbserver calls a signal that has no number, as SIGSTKFLT. */
const UNKNOWN_TARGET_SIGNAL = 143;

/** Null for a signal that the protocol cannot name. */
export function toTargetSignal(linux: number): number | null {
  return BY_LINUX_NUMBER.get(linux) ?? null;
}

/** 0 stays 0 (stopped without a signal); null for an unknown number. */
export function toLinuxSignal(target: number): number | null {
  return target === 0 ? 0 : (BY_TARGET_NUMBER.get(target) ?? null);
}

/** All signals that gdbserver knows, for `QPassSignals` and `QProgramSignals`. */
export const ALL_TARGET_SIGNALS: readonly number[] = [...BY_TARGET_NUMBER.keys(), UNKNOWN_TARGET_SIGNAL];
