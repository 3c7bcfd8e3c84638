import type { CrashKind } from '../model/exit.ts';
import type { AbortKind, FaultSummary } from '../model/fault.ts';
import type { RedactedReport } from '../model/redacted-report.ts';

const HEAP_ADVICE =
  'The heap was corrupted before the crash: build with -fsanitize=address, or run under valgrind, to find where.';

const ADVICE_FOR_FAULTS: Partial<Record<FaultSummary, string>> = {
  'forbidden-system-call':
    'The seccomp filter of the container or service blocks this system call: allow it there, or avoid it.',
  'truncated-mapping': 'A file was truncated while it was mapped, or its disk was full.',
  'illegal-instruction':
    'The program may be built for a newer CPU, or it executed a trap instruction on purpose.',
  'sent-signal': 'A process sent the signal: look for kill commands in scripts and supervisors.',
  'memory-failure': 'The memory of this machine is defective: see the kernel log.',
};

const ADVICE_FOR_ABORTS: Partial<Record<AbortKind, string>> = {
  'double-free': HEAP_ADVICE,
  'invalid-free': HEAP_ADVICE,
  'heap-corruption': HEAP_ADVICE,
  assertion: 'The assertion message is in the private log.',
};

const ADVICE: Partial<Record<CrashKind, string>> = {
  rejection: 'A promise was rejected without a handler: await it inside try/catch, or add .catch().',
  'stack-overflow': 'Check the base case of the recursion in the frames with a repeat count.',
  'out-of-memory':
    'Look for what grows: unbounded caches, listeners, large query results. A larger --max-old-space-size only delays the crash.',
  fault: 'Native code crashed: find the native add-on among the dependencies, and update it.',
  exit: 'The code called process.exit, or its event loop ended, with an error code: check its output for the reason.',
  'oom-kill':
    'The machine or container ran out of memory: compare its limit with the memory use of the worker.',
};

/** General advice for a crash of this kind; null if there is none. */
export function adviceFor({ kind, fault, nodeVersion, frames }: RedactedReport): string | null {
  // Advice about own machine code does not fit the code below JavaScript.
  const isOwn = nodeVersion === null || frames.some(({ inApp, native }) => inApp && native !== undefined);
  const native =
    fault === null
      ? null
      : (ADVICE_FOR_FAULTS[fault.summary] ?? (isOwn ? adviceForAbort(fault.abortKind) : null));
  if (native !== null) return native;
  // Only Node.js has native add-ons.
  return kind === 'fault' && fault !== null && nodeVersion === null ? null : (ADVICE[kind] ?? null);
}

function adviceForAbort(kind: AbortKind | null): string | null {
  return kind === null ? null : (ADVICE_FOR_ABORTS[kind] ?? null);
}
