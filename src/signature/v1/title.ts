import { causeWords } from '../../explain/cause-words.ts';
import { exitWords } from '../../explain/exit-words.ts';
import { shortFaultWords } from '../../explain/fault-words.ts';
import { type CrashFacts, isRustPanic } from '../../model/crash-facts.ts';

/**
 * The title of a group: `TypeError in applyCoupon (src/cart.ts)`, `SIGSEGV null access in parse (libfoo.so)`,
 * `exit code 1, no call stack`. `place` is the most specific frame; `type` as it is hashed.
 */
export function titleOf(facts: CrashFacts, place: string | null, type: string | null): string {
  if (facts.kind === 'out-of-memory' || facts.kind === 'oom-kill') return causeWords(facts);
  const what = whatText(facts, type, place);
  return place === null ? `${what}, no call stack` : `${what} in ${place}`;
}

function whatText(facts: CrashFacts, type: string | null, place: string | null): string {
  const { kind, code, fault } = facts;
  switch (kind) {
    case 'exit':
      // It was printed before the exit, and may not be its cause.
      return type === null ? endText(facts) : `${endText(facts)} after ${type}`;
    case 'exception':
    case 'rejection': {
      const thrown = type ?? (facts.exceptionType === null ? null : 'exception');
      if (thrown === null) return `uncaught exception${place === null ? ` (${endText(facts)})` : ''}`;
      return code === null ? thrown : `${thrown} ${code}`;
    }
    case 'stack-overflow':
      return fault === null ? 'stack overflow' : `${facts.signal ?? 'SIGSEGV'} stack overflow`;
    default:
      return signalText(facts, type);
  }
}

function signalText(facts: CrashFacts, type: string | null): string {
  const { signal, fault, kind, code } = facts;
  const name = signal ?? (kind === 'abort' ? 'SIGABRT' : endText(facts));
  if (fault === null) return [name, ...(code === null ? [] : [code])].join(' ');
  if (fault.abortKind === 'uncaught-exception') return `${name} ${type ?? 'uncaught C++ exception'}`;
  return `${name} ${isRustPanic(facts) ? 'Rust panic' : shortFaultWords(fault)}`.trimEnd();
}

function endText({ status, signal }: CrashFacts): string {
  return signal ?? exitWords(status);
}
