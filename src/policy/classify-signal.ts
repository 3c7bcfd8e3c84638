import type { ExitEvidence, ExitVerdict, NativeEvidence } from '../model/exit.ts';
import { counted, notCounted, suspected } from './exit-verdict.ts';

/** Linux numbers (the same on x86-64 and arm64) of the signals that end a process. */
export const SIGNAL_BY_NUMBER: ReadonlyMap<number, string> = new Map([
  [1, 'SIGHUP'],
  [2, 'SIGINT'],
  [3, 'SIGQUIT'],
  [4, 'SIGILL'],
  [5, 'SIGTRAP'],
  [6, 'SIGABRT'],
  [7, 'SIGBUS'],
  [8, 'SIGFPE'],
  [9, 'SIGKILL'],
  [10, 'SIGUSR1'],
  [11, 'SIGSEGV'],
  [12, 'SIGUSR2'],
  [13, 'SIGPIPE'],
  [14, 'SIGALRM'],
  [15, 'SIGTERM'],
  [24, 'SIGXCPU'],
  [25, 'SIGXFSZ'],
  [31, 'SIGSYS'],
]);

const FAULTS: ReadonlyMap<string, string> = new Map([
  ['SIGSEGV', 'invalid memory access'],
  ['SIGBUS', 'memory that could not be provided or was misaligned'],
  ['SIGILL', 'illegal instruction'],
  ['SIGFPE', 'arithmetic fault'],
  ['SIGTRAP', 'trap instruction, as runtimes use for a fatal internal error'],
  ['SIGSYS', 'forbidden system call'],
]);

const OVERFLOW = 'call stack of machine code exhausted';
const SENT = 'sent by a process';
const ABORTED = 'the process aborted itself';

/** Death by a signal; `prefix` opens the reason where a shell in between turned the signal into an exit code. */
export function classifySignal(signal: string, evidence: ExitEvidence, prefix: string): ExitVerdict {
  const named = `${prefix}${signal}`;
  const { native } = evidence;
  if (native !== null && native.signal !== null && native.signal !== signal) {
    // A handler that prints a report and ends the process by another signal: the first one is the crash.
    return counted(native.kind, `${firstWords(native, native.signal)}, then ${named} by its own handler`);
  }
  if (signal === 'SIGABRT') return classifyAbort(named, evidence);
  const fault = FAULTS.get(signal);
  if (fault !== undefined) {
    return evidence.v8OutOfMemory
      ? counted('out-of-memory', `${named}, and V8 reported an exhausted heap on standard error`)
      : faultVerdict(named, fault, evidence);
  }
  if (signal === 'SIGKILL') return classifyKill(named, evidence);
  if (signal === 'SIGTERM' || signal === 'SIGINT') {
    return notCounted(`${named}: somebody stopped the worker`);
  }
  if (evidence.passedOn.includes(signal)) {
    return notCounted(`${named}: passed on to the worker, which had no handler for it`);
  }
  if (signal === 'SIGHUP' || signal === 'SIGQUIT') {
    return notCounted(`${named}: sent from a terminal or by hand`);
  }
  return suspected('fault', `${named}: ended by a signal that the worker did not handle`);
}

function faultVerdict(named: string, fault: string, { native }: ExitEvidence): ExitVerdict {
  if (native?.sent) return counted(native.kind, `${named}: ${SENT}`);
  return native?.kind === 'stack-overflow'
    ? counted('stack-overflow', `${named}: ${OVERFLOW}`)
    : counted(native?.kind ?? 'fault', `${named}: ${fault}`);
}

function firstWords({ kind, sent }: NativeEvidence, signal: string): string {
  if (sent) return `${signal}: ${SENT}`;
  if (kind === 'stack-overflow') return `${signal}: ${OVERFLOW}`;
  return `${signal}: ${FAULTS.get(signal) ?? (kind === 'abort' ? ABORTED : 'fatal signal')}`;
}

function classifyAbort(named: string, evidence: ExitEvidence): ExitVerdict {
  if (evidence.v8OutOfMemory) {
    return counted('out-of-memory', `${named}: V8 gave up because the JavaScript heap was exhausted`);
  }
  if (evidence.candidate?.event === 'abort') return counted('abort', `${named}: process.abort() was called`);
  if (evidence.passedOn.includes('SIGABRT')) {
    return counted(
      'abort',
      `${named}: passed on by crashmon; systemd's watchdog sends it to a service that hangs`,
    );
  }
  return counted('abort', `${named}: ${ABORTED}`);
}

function classifyKill(named: string, evidence: ExitEvidence): ExitVerdict {
  if (evidence.oomKills !== null && evidence.oomKills > 0) {
    return counted('oom-kill', `${named}: the kernel killed the worker because its memory limit was reached`);
  }
  return notCounted(
    evidence.oomKills === null
      ? `${named} from outside; the kernel's out-of-memory counter could not be read`
      : `${named} from outside, and not by the kernel for want of memory`,
  );
}
