/** Names of the signals of Linux on x86-64 and arm64 by number (signal(7)); 0 is not a signal. */
const NAMES = (
  '- HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU ' +
  'URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');
const FIRST_REAL_TIME = 34;
const LAST = 64;

/** `SIGSEGV`, `SIGRTMIN+3`; null for another number. */
export function signalName(signal: number): string | null {
  if (!Number.isInteger(signal) || signal < 1 || signal > LAST) return null;
  const name = NAMES[signal];
  if (name !== undefined) return `SIG${name}`;
  // glibc keeps 32 and 33 for itself.
  if (signal < FIRST_REAL_TIME) return null;
  return signal === FIRST_REAL_TIME ? 'SIGRTMIN' : `SIGRTMIN+${signal - FIRST_REAL_TIME}`;
}
