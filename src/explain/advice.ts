import type { CrashFacts } from '../model/crash-facts.ts';
import type { CrashKind } from '../model/exit.ts';
import type { AbortKind, FaultSummary } from '../model/fault.ts';
import type { Runtime } from '../model/runtime.ts';
import { nearestPlace } from './nearest-place.ts';

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

const NO_STACK = 'Check the last output of the worker on its instance: it may show where it crashed.';
const PRINTED =
  'The app may have printed this exception and then exited: check the code that handles it, and the last output of the worker.';
const NO_OWN_CODE = 'The stack has no code of the app: check the last call that the app made.';

const ADVICE: Partial<Record<CrashKind, string>> = {
  rejection: 'A promise was rejected without a handler: await it inside try/catch, or add .catch().',
  'out-of-memory':
    'Look for what grows: unbounded caches, listeners, large query results. A larger --max-old-space-size only delays the crash.',
  'oom-kill':
    'The machine or container ran out of memory: compare its limit with the memory use of the worker.',
};

const ADVICE_WITH_STACK: Partial<Record<CrashKind, string>> = {
  'stack-overflow': 'Check the base case of the recursion in the frames with a repeat count.',
  fault: 'Native code crashed: find the native add-on among the dependencies, and update it.',
  exit: 'The code called process.exit, or its event loop ended, with an error code: check its output for the reason.',
};

/** Languages whose own code cannot cause a fault. */
const WITH_EXTENSIONS: ReadonlySet<Runtime> = new Set<Runtime>([
  'python',
  'ruby',
  'perl',
  'php',
  'java',
  'erlang',
]);
const EXTENSION =
  'Native code crashed: check which of the calls use a library in native code, and update it or the runtime.';

/** General advice for a crash of this kind; null if the stack says more. */
export function adviceFor(facts: CrashFacts): string | null {
  const { kind, fault, frames } = facts;
  const general = nativeAdvice(facts) ?? ADVICE[kind];
  if (general !== undefined) return general;
  if (frames.length === 0 && fault === null) return NO_STACK;
  if (kind === 'exit' && facts.source === 'last-words') return PRINTED;
  const isPrinted = facts.source === 'last-words' || facts.source === 'system-core';
  if (kind === 'fault' && isPrinted && WITH_EXTENSIONS.has(facts.runtime?.name ?? 'native')) return EXTENSION;
  // Only Node.js has native add-ons.
  const isOtherProgram = kind === 'fault' && (fault !== null || isPrinted) && facts.runtime?.name !== 'node';
  return (
    (isOtherProgram ? undefined : ADVICE_WITH_STACK[kind]) ??
    (nearestPlace(facts) === null ? NO_OWN_CODE : null)
  );
}

function nativeAdvice({ fault, frames, runtime }: CrashFacts): string | undefined {
  if (fault === null) return undefined;
  const ofFault = ADVICE_FOR_FAULTS[fault.summary];
  if (ofFault !== undefined || fault.abortKind === null) return ofFault;
  // Advice about own machine code does not fit the code below JavaScript.
  const isOwn = runtime?.name !== 'node' || frames.some(({ inApp, native }) => inApp && native !== undefined);
  return isOwn ? ADVICE_FOR_ABORTS[fault.abortKind] : undefined;
}
