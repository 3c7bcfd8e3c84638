import { LiveMemory } from '../debugger/live-memory.ts';
import { readStatus } from '../debugger/traced-process.ts';
import type { ExitStatus } from '../model/exit.ts';
import { isAlive } from '../worker/process-info.ts';
import type { WatchTarget } from './watch-target.ts';

/** A process at its exit: its memory and descriptors are still there, and no code of it runs any more. */
export type HeldProcess = {
  readonly pid: number;
  readonly status: ExitStatus;
  /** Of its first thread, as in NT_PRSTATUS. */
  readonly registers: Uint8Array;
  /** At most `length` bytes; fewer, or none, where memory cannot be read, or it is no longer held. Never throws. */
  readonly readMemory: (address: bigint, length: number) => Uint8Array;
  /** Was all of what was read so far there? Ask at the end: a busy machine can be too slow for the time of the hold. */
  readonly isStillHeld: () => boolean;
};

/** The helper releases it by itself after this time. */
const HOLD_MS = 80;

/** Calls back, one after the other, while the process is held; not if it was released already, because we were too slow. */
export function readHeld(
  target: WatchTarget,
  helperPid: number | null,
  { status, registers }: { status: ExitStatus; registers: Uint8Array },
  callbacks: readonly ((held: HeldProcess) => void)[],
  onError: (error: Error) => void,
): void {
  if (callbacks.length === 0) return;
  const { pid, startTicks } = target;
  const until = performance.now() + HOLD_MS;
  using memory = new LiveMemory(pid, until);
  // What was opened is its memory only if it is held now: the ID can belong to another process.
  const isHeld = (): boolean => {
    const process = readStatus(pid);
    return process?.state === 't' && process.tracerPid === helperPid && isAlive(pid, startTicks);
  };
  if (!isHeld()) return;
  const held: HeldProcess = {
    pid,
    status,
    registers,
    readMemory: (address, length) => memory.read(address, length),
    isStillHeld: () => performance.now() < until && isHeld(),
  };
  for (const callback of callbacks) {
    try {
      callback(held);
    } catch (error) {
      onError(error as Error);
    }
  }
}
