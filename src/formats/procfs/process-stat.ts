export type ProcessStat = {
  pid: number;
  /** Executable name, at most 15 bytes; may hold anything, parentheses and newlines included. */
  comm: string;
  /** One letter: R, S, D, Z, T, … */
  state: string;
  ppid: number;
  processGroup: number;
  session: number;
  /** Device number of the controlling terminal, 0 without one (any more). */
  terminal: number;
  /** Foreground process group of the controlling terminal, -1 without a terminal. */
  terminalGroup: number;
  /** It is ending (PF_EXITING), which lasts until its memory is freed; `state` says so only after that. */
  exiting: boolean;
  /** Of a zombie, more than 1 if only its first thread has ended; 0 if unknown. */
  threads: number;
  /** Clock ticks between boot and the process's start. */
  startTicks: number;
};

/** A zombie has, without other threads: the first one can end before them, and does when another executes a program. */
export function hasEnded({ state, threads }: Pick<ProcessStat, 'state' | 'threads'>): boolean {
  return state === 'X' || (state === 'Z' && threads <= 1);
}

/** `include/linux/sched.h` */
const PF_EXITING = 0x4;

/**
 * Parses `/proc/<pid>/stat` (proc_pid_stat(5)); null for other text.
 */
export function parseProcessStat(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 1 || close < open) return null;
  const fields = text.slice(close + 2).split(' ');
  const number = (index: number): number => Number(fields[index]);
  const stat: ProcessStat = {
    pid: Number(text.slice(0, open)),
    comm: text.slice(open + 1, close),
    state: fields[0] ?? '',
    ppid: number(1),
    processGroup: number(2),
    session: number(3),
    terminal: number(4),
    terminalGroup: number(5),
    exiting: (number(6) & PF_EXITING) !== 0,
    threads: number(17),
    startTicks: number(19),
  };
  const numbers = [stat.pid, stat.ppid, stat.processGroup, stat.terminalGroup, stat.startTicks];
  return numbers.every(Number.isSafeInteger) ? stat : null;
}
