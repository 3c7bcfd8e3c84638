export type SignalCode = {
  /** As `<signal.h>` has it. */
  name: string;
  /** What it says, in a few words. */
  meaning: string;
};

/**
 * Name and meaning of an `si_code` (sigaction(2)) of a signal, null for an unknown one. The same number means another
 * thing with each signal, but for those that say who sent it.
 */
export function signalCode(signal: string | null, code: number): SignalCode | null {
  const entry = ANY_SIGNAL[code] ?? BY_SIGNAL[signal ?? '']?.[code];
  if (entry === undefined) return null;
  const [name, meaning] = entry;
  return { name, meaning };
}

type Entries = Readonly<Record<number, readonly [name: string, meaning: string]>>;

const ANY_SIGNAL: Entries = {
  128: ['SI_KERNEL', 'sent by the kernel'],
  0: ['SI_USER', 'sent with kill'],
  [-1]: ['SI_QUEUE', 'sent with sigqueue'],
  [-2]: ['SI_TIMER', 'a timer ran out'],
  [-3]: ['SI_MESGQ', 'a message queue'],
  [-4]: ['SI_ASYNCIO', 'asynchronous input or output ended'],
  [-5]: ['SI_SIGIO', 'queued by SIGIO'],
  [-6]: ['SI_TKILL', 'sent by a thread, as raise and abort do'],
};

const BY_SIGNAL: Readonly<Record<string, Entries>> = {
  SIGSEGV: {
    1: ['SEGV_MAPERR', 'nothing is mapped there'],
    2: ['SEGV_ACCERR', 'the mapping does not allow it'],
    3: ['SEGV_BNDERR', 'address bounds were violated'],
    4: ['SEGV_PKUERR', 'a protection key forbids it'],
    8: ['SEGV_MTEAERR', 'a memory tag does not match'],
    9: ['SEGV_MTESERR', 'a memory tag does not match'],
    10: ['SEGV_CPERR', 'control flow was diverted'],
  },
  SIGBUS: {
    1: ['BUS_ADRALN', 'the address is not aligned'],
    2: ['BUS_ADRERR', 'no memory is behind the address'],
    3: ['BUS_OBJERR', 'the hardware failed'],
    4: ['BUS_MCEERR_AR', 'damaged memory was used'],
    5: ['BUS_MCEERR_AO', 'damaged memory was found'],
  },
  SIGFPE: {
    1: ['FPE_INTDIV', 'integer division by zero'],
    2: ['FPE_INTOVF', 'integer overflow'],
    3: ['FPE_FLTDIV', 'floating-point division by zero'],
    4: ['FPE_FLTOVF', 'floating-point overflow'],
    5: ['FPE_FLTUND', 'floating-point underflow'],
    6: ['FPE_FLTRES', 'inexact floating-point result'],
    7: ['FPE_FLTINV', 'invalid floating-point operation'],
    8: ['FPE_FLTSUB', 'subscript out of range'],
  },
  SIGILL: {
    1: ['ILL_ILLOPC', 'illegal opcode'],
    2: ['ILL_ILLOPN', 'illegal operand'],
    3: ['ILL_ILLADR', 'illegal addressing mode'],
    4: ['ILL_ILLTRP', 'illegal trap'],
    5: ['ILL_PRVOPC', 'privileged opcode'],
    6: ['ILL_PRVREG', 'privileged register'],
    7: ['ILL_COPROC', 'coprocessor error'],
    8: ['ILL_BADSTK', 'internal stack error'],
  },
  SIGTRAP: {
    1: ['TRAP_BRKPT', 'breakpoint'],
    2: ['TRAP_TRACE', 'trace trap'],
    3: ['TRAP_BRANCH', 'branch trap'],
    4: ['TRAP_HWBKPT', 'hardware breakpoint'],
  },
  SIGSYS: {
    1: ['SYS_SECCOMP', 'forbidden by a seccomp filter'],
    2: ['SYS_USER_DISPATCH', 'handed to user space'],
  },
};
