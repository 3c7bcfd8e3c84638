import { type CrashFacts, isRustPanic } from '../model/crash-facts.ts';
import { isFormName } from '../model/form-names.ts';
import { isGoErrorType } from '../model/go-error.ts';
import { isNativeErrorType } from '../model/native-error.ts';
import { isJavaScript, type Runtime } from '../model/runtime.ts';
import { exitWords } from './exit-words.ts';
import { faultWords } from './fault-words.ts';
import { RUNTIME_NAMES } from './runtime-words.ts';

type CauseFacts = Pick<
  CrashFacts,
  'kind' | 'exceptionType' | 'code' | 'signal' | 'status' | 'fault' | 'frames' | 'runtime'
>;

/** `TypeError`, `Error ECONNREFUSED`; null if nothing is known of the thrown value. */
export function thrownWords({
  exceptionType,
  code,
}: Pick<CrashFacts, 'exceptionType' | 'code'>): string | null {
  const parts = [exceptionType, code].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' ');
}

/** The cause of a crash, after a colon: `uncaught TypeError`, `SIGSEGV (access to a null pointer)`. */
export function causeWords(facts: CauseFacts): string {
  return articleAndCause(facts)[1];
}

/** The same as an object: `an uncaught TypeError`. */
export function causePhrase(facts: CauseFacts): string {
  return facts.kind === 'out-of-memory'
    ? `an out-of-memory error (${memoryOf(facts)})`
    : articleAndCause(facts).join('');
}

/** Of the JVM, it can be the heap as well as the memory of classes. */
function memoryOf({ runtime }: CauseFacts): string {
  const name = runtime?.name ?? 'node';
  return isJavaScript(name) ? 'JavaScript heap' : RUNTIME_NAMES[name];
}

function articleAndCause(facts: CauseFacts): [string, string] {
  const { kind, fault, signal, status } = facts;
  const thrown = thrownWords(facts);
  switch (kind) {
    case 'exception':
      return exceptionWords(thrown, facts.runtime?.name ?? 'node');
    case 'rejection':
      return ['an ', `unhandled rejection${thrown === null ? '' : ` (${thrown})`}`];
    case 'out-of-memory':
      return ['', `out of memory (${memoryOf(facts)})`];
    case 'oom-kill':
      return ['an ', 'OOM kill'];
    case 'exit':
      return status.type === 'code' ? ['', exitWords(status)] : ['an ', 'exit with an error code'];
    case 'stack-overflow':
      return fault === null ? ['a ', 'stack overflow'] : ofSignal(facts);
    case 'fault':
      return fault === null && signal === null ? ['a ', 'fault in native code'] : ofSignal(facts);
    case 'abort':
      return fault === null && signal === null ? ['an ', 'abort'] : ofSignal(facts);
  }
}

/** Go and Rust panic; fatal errors of runtimes are phrases. */
function exceptionWords(thrown: string | null, runtime: Runtime): [string, string] {
  const isConstant = runtime === 'native' || runtime === 'rust' ? isNativeErrorType : isGoErrorType;
  if (thrown !== null && (isFormName(thrown) || isConstant(thrown))) {
    return [thrown === 'panic' ? 'a ' : '', thrown];
  }
  if (runtime !== 'go' && runtime !== 'rust') return ['an ', `uncaught ${thrown ?? 'exception'}`];
  return ['a ', thrown === null || thrown === 'panic' ? 'panic' : `panic (${thrown})`];
}

function ofSignal(facts: CauseFacts): [string, string] {
  const { kind, signal, fault, exceptionType } = facts;
  const unknown = kind === 'abort' ? 'abort' : 'fault in native code';
  const what = isRustPanic(facts)
    ? 'Rust panic'
    : fault === null
      ? (exceptionType ?? unknown)
      : faultWords(fault, exceptionType);
  const words = signal === null ? what : `${signal} (${what})`;
  const later = laterSignal(facts);
  return ['', later === null ? words : `${words}, then ${later} from its own signal handler`];
}

/** The signal that killed the process, if its own handler raised it after the first signal; else null. */
export function laterSignal({
  signal,
  fault,
  status,
}: Pick<CrashFacts, 'signal' | 'fault' | 'status'>): string | null {
  if (fault === null || signal === null || status.type !== 'signal') return null;
  return status.signal === signal ? null : status.signal;
}
