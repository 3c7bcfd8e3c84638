import type { CrashKind } from '../model/exit.ts';
import type { AbortKind, FaultSummary } from '../model/fault.ts';
import type { RedactedReport } from '../model/redacted-report.ts';

const HEAP_ADVICE =
  'The heap was damaged earlier than it was noticed: build with -fsanitize=address, or run under valgrind, to see where.';

const ADVICE_FOR_FAULTS: Partial<Record<FaultSummary, string>> = {
  'forbidden-system-call':
    'The seccomp filter of the container or the service forbids the call: allow it there, or avoid it.',
  'truncated-mapping': 'A file was shortened while it was mapped, or its disk was full.',
  'illegal-instruction':
    'The program may be built for a newer processor than this one, or it stopped itself on purpose.',
  'sent-signal': 'A process sent the signal: look for kill in scripts and supervisors.',
  'memory-failure': 'The memory of this machine is defective: the kernel log says more.',
};

const ADVICE_FOR_ABORTS: Partial<Record<AbortKind, string>> = {
  'double-free': HEAP_ADVICE,
  'invalid-free': HEAP_ADVICE,
  'heap-corruption': HEAP_ADVICE,
  assertion: 'The text of the assertion is in the private log.',
};

const ADVICE: Partial<Record<CrashKind, string>> = {
  rejection: 'A promise was rejected and nothing caught it: await it inside try, or add a catch.',
  'stack-overflow': 'Look for what should end the recursion in the frames with a count.',
  'out-of-memory':
    'Look for what grows: caches without a limit, listeners, results read at once. A bigger --max-old-space-size only delays it.',
  fault: 'Native code failed: look for a native add-on among the dependencies and update it.',
  exit: 'The code called process.exit (or its event loop ran dry) with an error code; what it printed may say why.',
  'oom-kill':
    'The machine or the container had no memory left: compare its limit with what the worker needs.',
};

/** What to do about a crash of this kind, in general; null where there is nothing to say. */
export function adviceFor({ kind, fault, nodeVersion, frames }: RedactedReport): string | null {
  // What to do about one's own machine code does not fit that below JavaScript.
  const isOwn = nodeVersion === null || frames.some(({ inApp, native }) => inApp && native !== undefined);
  const native =
    fault === null
      ? null
      : (ADVICE_FOR_FAULTS[fault.summary] ?? (isOwn ? adviceForAbort(fault.abortKind) : null));
  if (native !== null) return native;
  // An add-on is worth a word only where there can be one.
  return kind === 'fault' && fault !== null && nodeVersion === null ? null : (ADVICE[kind] ?? null);
}

function adviceForAbort(kind: AbortKind | null): string | null {
  return kind === null ? null : (ADVICE_FOR_ABORTS[kind] ?? null);
}
