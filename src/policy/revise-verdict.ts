import type { CrashKind, ExitStatus, ExitVerdict } from '../model/exit.ts';
import { formName } from '../model/form-names.ts';
import type { LastWords, Proof } from '../model/last-words.ts';
import type { Runtime } from '../model/runtime.ts';

/** What was read from standard error, and how sure it is that it is about this exit. */
export type ReadDeath = { status: ExitStatus; runtime: Runtime; words: LastWords; proof: Proof };

/** Forms that say more than that an exception was thrown; any runtime can have them. */
const KINDS: Readonly<Record<string, CrashKind>> = {
  rejection: 'rejection',
  'stack-overflow': 'stack-overflow',
  'fatal-out-of-memory': 'out-of-memory',
  'exit-on-out-of-memory': 'out-of-memory',
};

const HANDLED_SIGNALS: readonly string[] = ['jvm-fatal-error', 'bug'];

/** Forms of what a runtime or a sanitizer found, instead of an exception. */
const FATAL_ERRORS: readonly string[] = [
  ...['fatal-error', 'fail-fast', 'signal', 'sanitizer', 'leak', 'undefined-behavior', 'loader'],
];

/** In these an abort is the kind that a debugger's capture has as well. */
const ABORTING: readonly Runtime[] = ['native', 'rust'];

/**
 * The verdict on an exit after its last words were read: proven or likely, it was an uncaught exception. What the exit
 * itself proves stays.
 */
export function reviseVerdict(
  verdict: ExitVerdict,
  { status, runtime, words, proof }: ReadDeath,
): ExitVerdict {
  if (!verdict.counted || proof === 'printed') return verdict;
  if (HANDLED_SIGNALS.includes(words.form)) return ofFatalError(verdict, words.signal);
  const kind = KINDS[words.form] ?? 'exception';
  if (verdict.kind === 'exception' && !verdict.suspected) return { ...verdict, kind };
  const isAbort = verdict.kind === 'abort' && words.signal === null && !ABORTING.includes(runtime);
  if (verdict.kind !== 'exit' && !isAbort) return verdict;
  if (status.type === 'unknown') return verdict;
  const counted = { counted: true, suspected: false } as const;
  if (kind === 'out-of-memory') return { ...counted, kind, reason: { code: 'memory-exhausted', runtime } };
  const hasName = words.error.type === null && formName(runtime, words.form) !== null;
  const isError = hasName || FATAL_ERRORS.includes(words.form);
  const proven = isError ? 'reported-fatal-error' : 'reported-exception';
  const code = proof === 'proven' ? proven : 'likely-exception';
  return { ...counted, kind, reason: { code, runtime } };
}

/** The runtime handles fatal signals, then aborts or exits: the Java virtual machine, Ruby. */
function ofFatalError(verdict: ExitVerdict, signal: string | null): ExitVerdict {
  if (verdict.kind !== 'abort' && verdict.kind !== 'exit') return verdict;
  const counted = { counted: true, suspected: false };
  if (signal === null) return { ...counted, kind: 'abort', reason: { code: 'abort' } };
  return { ...counted, kind: 'fault', reason: { code: 'fatal-signal', firstSignal: signal } };
}
