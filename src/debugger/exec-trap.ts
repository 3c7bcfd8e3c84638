import type { SignalInfo } from '../formats/procfs/signal-info.ts';
import { isOwnId, readStackStart } from './traced-process.ts';

/** As for `kill`. raise(3) has another one, and a breakpoint comes from the kernel. */
const SI_USER = 0;

/**
 * A process that is traced without PTRACE_O_TRACEEXEC gets a SIGTRAP when it executes another program (ptrace(2),
 * "execve(2) under ptrace"), as if it had sent it to itself. gdbserver sets that option when the first thread has
 * stopped, so that it is too late when it attaches during an exec.
 */
export function mayBeOfExec(pid: number, { code, senderPid }: SignalInfo): boolean {
  return code === SI_USER && senderPid !== null && isOwnId(pid, senderPid);
}

/** Has the program not run at all yet? Signals that a process sends itself come later. null if unknown. */
export function isFirstInstruction(pid: number, stackPointer: bigint | null): boolean | null {
  const start = readStackStart(pid);
  return stackPointer === null || start === null ? null : stackPointer === start;
}
