export type SignalInfo = {
  signal: number;
  /** `si_code`; above 0 the kernel made the signal, else a process sent it. */
  code: number;
  /** Address of the fault (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP) where the kernel made it; else null. */
  faultAddress: bigint | null;
  /** Who sent it (kill(2), tgkill(2), sigqueue(3)); null if the kernel made it. */
  senderPid: number | null;
  senderUid: number | null;
  /** Of SIGSYS by seccomp: the forbidden call and its address; else null. */
  systemCall: { number: number; address: bigint } | null;
};

const FAULTS = [4, 5, 7, 8, 11];
const SIGSYS = 31;
/** A fault whose address the kernel does not know (on x86-64, of a non-canonical address): si_addr is 0 then. */
export const SI_KERNEL = 0x80;
/** Sent to one thread (tgkill(2)). */
export const SI_TKILL = -6;

/**
 * Parses the `siginfo_t` of a 64-bit little-endian process (sigaction(2), 128 bytes of which the first 32 matter);
 * null if it is too short.
 */
export function parseSignalInfo(bytes: Uint8Array): SignalInfo | null {
  if (bytes.length < 32) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const signal = view.getInt32(0, true);
  const code = view.getInt32(8, true);
  const fromKernel = code > 0;
  return {
    signal,
    code,
    faultAddress: fromKernel && FAULTS.includes(signal) ? view.getBigUint64(16, true) : null,
    senderPid: fromKernel ? null : view.getInt32(16, true),
    senderUid: fromKernel ? null : view.getUint32(20, true),
    systemCall:
      fromKernel && signal === SIGSYS
        ? { address: view.getBigUint64(16, true), number: view.getInt32(24, true) }
        : null,
  };
}
