import type { ExitStatus } from '../model/exit.ts';
import type { SystemCore } from '../model/system-core.ts';
import { FAULT_SIGNALS, SIGNAL_BY_NUMBER } from './classify-signal.ts';

/** An exit whose core dump is searched for. */
export type DumpedExit = {
  pid: number;
  /** Without dashes. */
  bootId: string;
  signal: string;
  /** Absolute path; null if it is unknown what this process ran. */
  executable: string | null;
  startedAtMs: number;
  diedAtMs: number;
};

/** What a shell adds to the number of the signal that ended its child. */
const SHELL_OFFSET = 128;
/** Times of core dumps are whole seconds, and an exit is learned of later. */
const CLOCKS_MS = 2_000;

/** The signal by which the kernel dumped core, also one that a shell passed on as an exit code; null if it did not. */
export function coreSignal(status: ExitStatus): string | null {
  const signal =
    status.type === 'signal'
      ? status.signal
      : status.type === 'code'
        ? SIGNAL_BY_NUMBER.get(status.code - SHELL_OFFSET)
        : undefined;
  return signal !== undefined && DUMPING.has(signal) ? signal : null;
}

const DUMPING: ReadonlySet<string> = new Set([...FAULT_SIGNALS, 'SIGQUIT', 'SIGXCPU', 'SIGXFSZ']);

/** The core dump of this exit; null if there is none, or if several could be. */
export function matchingCore(cores: readonly SystemCore[], exit: DumpedExit): SystemCore | null {
  const [core, ...others] = cores.filter((one) => isOf(one, exit));
  return core === undefined || others.length > 0 ? null : core;
}

/** A process has its ID alone, from its start to its end. */
function isOf({ pid, bootId, signal, executable, atMs }: SystemCore, exit: DumpedExit): boolean {
  if (pid !== exit.pid || signal !== exit.signal) return false;
  if (bootId !== null && bootId !== exit.bootId) return false;
  if (executable !== null && exit.executable !== null && file(executable) !== file(exit.executable))
    return false;
  return atMs >= exit.startedAtMs - CLOCKS_MS && atMs <= exit.diedAtMs + CLOCKS_MS;
}

function file(executable: string): string {
  return executable.replace(/ \(deleted\)$/, '');
}
