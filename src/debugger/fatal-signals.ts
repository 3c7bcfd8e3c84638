import { ALL_TARGET_SIGNALS, toTargetSignal } from '../formats/rsp/target-signal.ts';

/** SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGSEGV SIGXCPU SIGXFSZ SIGSYS: by default they end a process with a core. */
const FATAL: readonly number[] = [4, 5, 6, 7, 8, 11, 24, 25, 31];
export const SIGTRAP = 5;
export const SIGSTOP = 19;
/** SIGSTOP SIGTSTP SIGTTIN SIGTTOU. */
const STOPPING: readonly number[] = [SIGSTOP, 20, 21, 22];

/**
 * SIGILL SIGTRAP SIGSEGV: gdbserver always asks about these, since they might be a breakpoint of its own
 * (`linux_wstatus_maybe_breakpoint` in gdb/nat/linux-waitpid.c), whatever `QPassSignals` says.
 */
const ALWAYS_ASKED: readonly number[] = [4, 5, 11];

export function isFatal(signal: number): boolean {
  return FATAL.includes(signal);
}

/** Whether gdbserver can pass the signal without asking. */
export function isPassable(signal: number): boolean {
  return !ALWAYS_ASKED.includes(signal);
}

/** A tracer's worker cannot stay stopped: gdbserver's kind of attaching does not know job control. */
export function isStopping(signal: number): boolean {
  return STOPPING.includes(signal);
}

/**
 * `QPassSignals`: everything that gdbserver can deliver without asking us. `storming` are fatal signals that come so
 * often that asking would cost the worker too much.
 */
export function passSignalsRequest(storming: ReadonlySet<number>): string {
  const asked = [...FATAL.filter((signal) => !storming.has(signal)), ...STOPPING].map(toTargetSignal);
  return `QPassSignals:${hexList(ALL_TARGET_SIGNALS.filter((signal) => !asked.includes(signal)))}`;
}

/**
 * `QProgramSignals`: what a worker that is detached while a signal is held still gets. SIGSTOP only where the worker is
 * to stay stopped, because otherwise it can be one of gdbserver's own.
 */
export function programSignalsRequest({ stopping }: { stopping: boolean }): string {
  const own = toTargetSignal(SIGSTOP);
  return `QProgramSignals:${hexList(ALL_TARGET_SIGNALS.filter((signal) => stopping || signal !== own))}`;
}

function hexList(numbers: readonly number[]): string {
  return numbers
    .toSorted((a, b) => a - b)
    .map((number) => number.toString(16))
    .join(';');
}
