import type { CrashFacts } from '../../model/crash-facts.ts';
import type { AbortKind } from '../../model/fault.ts';

/**
 * What people call a group: `TypeError in applyCoupon (src/cart.ts)`, `SIGSEGV null access in parse (libfoo.so)`,
 * `exit code 1, no stack`. `place` is the frame that says most; `type` as it is hashed.
 */
export function titleOf(facts: CrashFacts, place: string | null, type: string | null): string {
  const what = whatText(facts, type);
  if (facts.kind === 'out-of-memory' || facts.kind === 'oom-kill') return what;
  if (place !== null) return `${what} in ${place}`;
  return `${what}, no stack`;
}

function whatText(facts: CrashFacts, type: string | null): string {
  const { kind, code, fault } = facts;
  switch (kind) {
    case 'out-of-memory':
      return 'JavaScript heap out of memory';
    case 'oom-kill':
      return 'killed because memory ran out';
    case 'stack-overflow':
      return fault === null ? 'endless recursion' : `${facts.signal ?? 'SIGSEGV'} endless recursion`;
    case 'exit':
      return endText(facts);
    case 'exception':
    case 'rejection': {
      const thrown = type ?? (facts.exceptionType === null ? null : 'exception');
      if (thrown === null) return `unhandled exception (${endText(facts)})`;
      return code === null ? thrown : `${thrown} ${code}`;
    }
    case 'fault':
    case 'abort':
      return deathText(facts, type);
  }
}

function deathText(facts: CrashFacts, type: string | null): string {
  const { signal, fault, kind, code } = facts;
  const name = signal ?? (kind === 'abort' ? 'SIGABRT' : endText(facts));
  if (fault === null) return [name, ...(code === null ? [] : [code])].join(' ');
  if (fault.abortKind === 'uncaught-exception') return `${name} ${type ?? 'uncaught C++ exception'}`;
  if (isRustPanic(facts)) return `${name} Rust panic`;
  const words =
    fault.summary === 'abort'
      ? ABORT_WORDS[fault.abortKind ?? 'unknown']
      : fault.summary.replaceAll('-', ' ');
  return words === '' || words === 'other signal' ? name : `${name} ${words}`;
}

/** A program whose panics abort looks like any that aborts itself, but for its stack. */
function isRustPanic({ fault, frames }: CrashFacts): boolean {
  if (fault?.abortKind !== 'unknown' && fault?.summary !== 'illegal-instruction') return false;
  return frames.some(({ function: name }) =>
    /^(?:core|std)::panicking::|^rust_begin_unwind$/.test(name ?? ''),
  );
}

const ABORT_WORDS: Readonly<Record<AbortKind, string>> = {
  'double-free': 'double free',
  'invalid-free': 'invalid free',
  'heap-corruption': 'corrupted heap',
  'stack-smashing': 'overwritten stack',
  'buffer-overflow': 'buffer overflow',
  assertion: 'failed assertion',
  'other-fatal': 'fatal error',
  'uncaught-exception': 'uncaught exception',
  unknown: '',
};

function endText({ status, signal }: CrashFacts): string {
  if (status.type === 'code') return signal ?? `exit code ${status.code}`;
  return status.type === 'signal' ? status.signal : (signal ?? 'unknown end');
}
