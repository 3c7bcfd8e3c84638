import type { ExitStatus } from '../model/exit.ts';
import { type ExitReason, isReasonCode, type ReasonCode } from '../model/exit-reason.ts';
import type { Runtime } from '../model/runtime.ts';
import { runtimeWords } from './runtime-words.ts';

const CAUSES: Readonly<Record<ReasonCode, string>> = {
  'uncaught-exception': 'uncaught exception',
  'printed-exception': "uncaught exception (from Node's fatal-error output)",
  'reported-exception': 'uncaught exception (from its report on standard error)',
  'reported-fatal-error': 'fatal error (from its report on standard error)',
  'likely-exception': 'likely uncaught exception',
  'handler-exception': "exception in the app's own uncaughtException handler",
  'handler-threw': "uncaught exception; the app's own uncaughtException handler threw as well",
  'unhandled-rejection': 'unhandled rejection',
  'rejection-ended-by-app': "unhandled rejection; the app's own listener ended the process",
  'module-load': 'an ES module failed to load',
  'stack-overflow': 'stack overflow',
  'native-stack-overflow': 'stack overflow in native code',
  'heap-exhausted': 'out of memory (JavaScript heap)',
  'memory-exhausted': 'out of memory (limit of the runtime)',
  'process-exit': 'exited deliberately (process.exit or process.exitCode)',
  'process-abort': 'process.abort() was called',
  'main-process-signal': 'the main process was killed by a signal',
  'top-level-await': 'a top-level await never settled',
  'bad-option': 'Node.js rejected a command-line option',
  'not-executable': 'the command could not be executed',
  'command-not-found': 'command not found',
  unknown: 'cause unknown',
  'invalid-memory-access': 'invalid memory access',
  'bus-error': 'memory not available, or misaligned access',
  'illegal-instruction': 'illegal instruction',
  'arithmetic-fault': 'arithmetic fault',
  trap: 'trap instruction (fatal internal error of a runtime)',
  'forbidden-system-call': 'forbidden system call',
  'fatal-signal': 'fatal signal',
  'sent-signal': 'sent by a process',
  'unhandled-signal': 'the worker had no handler for it',
  abort: 'the process aborted itself',
  'watchdog-abort': 'forwarded by crashmon; the systemd watchdog sends it to a service that hangs',
  'oom-kill': 'OOM kill (memory limit reached)',
  'worker-timeout': 'its master ended it, because it did not respond in time (a hang)',
  normal: 'normal exit',
  'masked-exception': 'uncaught exception right before a normal exit (masked crash)',
  'stop-requested': 'stopped on request',
  'restart-requested': 'restarted on request',
  'stop-signal': 'stopped by another process',
  'forwarded-signal': 'forwarded to the worker, which had no handler for it',
  'terminal-signal': 'sent from a terminal or manually',
  killed: 'sent by another process, not an OOM kill',
  'killed-oom-unknown': "sent by another process, or an OOM kill (the kernel's counter could not be read)",
  'no-sign-of-crash': 'no sign of a crash',
  'accepted-by-supervisor': 'the supervisor takes this for a normal end',
  'supervisor-timeout': 'the supervisor ended it: it exceeded a time limit',
  'supervisor-cannot-start': 'the supervisor could not start the command',
  'probe-refused': 'the probe could not be loaded; the worker is started again without it',
  foreign: 'reported by a sender other than crashmon',
  withheld: 'reason withheld (unknown to this version of crashmon)',
};

/**
 * How and why a process ended: `exit 1: uncaught exception`; no full stop.
 * @param isEarly what it printed last can still be read
 */
export function exitReasonWords(reason: ExitReason, status: ExitStatus, isEarly = false): string {
  const { code, shellSignal, firstSignal, runtime } = reason;
  const end = endWords(status) + (shellSignal === undefined ? '' : ` (${shellSignal}, reported by a shell)`);
  const cause = isReasonCode(code) ? causeOf(code, isEarly) : `unknown reason "${code}"`;
  if (runtime !== undefined && code === 'reported-exception')
    return `${end}: uncaught exception (from ${nameOf(runtime)}'s own report)`;
  if (runtime !== undefined && code === 'reported-fatal-error')
    return `${end}: fatal error (from ${nameOf(runtime)}'s own report)`;
  if (runtime !== undefined && code === 'memory-exhausted')
    return `${end}: out of memory (${nameOf(runtime)})`;
  if (runtime !== undefined && code === 'likely-exception')
    return `${end}: likely uncaught exception (from ${nameOf(runtime)}'s own report)`;
  if (firstSignal === undefined) return `${end}: ${cause}`;
  return code === 'stop-requested' || code === 'restart-requested'
    ? `${cause} (${firstSignal}, then ${end})`
    : `${firstSignal}: ${cause}, then ${end} from its own signal handler`;
}

function causeOf(code: ReasonCode, isEarly: boolean): string {
  return code === 'unknown' && isEarly ? 'cause not known yet' : CAUSES[code];
}

function nameOf(runtime: Runtime): string {
  return runtime === 'native' ? 'the program' : runtimeWords({ name: runtime, version: null });
}

function endWords(status: ExitStatus): string {
  if (status.type === 'unknown') return 'exit status unknown';
  return status.type === 'code' ? `exit ${status.code}` : status.signal;
}
