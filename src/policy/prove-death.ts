import type { ExitStatus } from '../model/exit.ts';
import type { LastWords, Proof } from '../model/last-words.ts';
import type { Runtime } from '../model/runtime.ts';
import { MAX_DUMP_MS, MAX_SILENCE_MS } from './max-silence.ts';

/** What one printed form proves. */
type FormProof = {
  /** Exits that it can be the reason of: codes, names of signals, any failure, or any. */
  exits: readonly (number | string)[] | 'any-failure' | 'any';
  /** The most that it can prove: `likely` if an app can print the same itself and then exit in the same way. */
  at: Exclude<Proof, 'printed'>;
  /** An exception in any thread ends the process: always, or if this signal does. */
  anyThread?: true | 'SIGABRT';
  /** The exception was in a child, which no probe observes. */
  ofChild?: true;
  /** The runtime can write a dump before the process ends. */
  dumps?: true;
};

/** How an exit and the text before it fit together. */
export type DeathEvidence = {
  status: ExitStatus;
  runtime: Runtime;
  words: LastWords;
  /** Of the process that did the work; null if unknown. */
  pid: number | null;
  /** From the last byte on standard error to the exit; null if unknown. */
  silenceMs: number | null;
  /** A probe that records every exception that ends the process was loaded, and recorded none. */
  unrecorded?: boolean;
  /** Other processes write to the same standard error: only words with its ID are surely of this one. */
  shared?: boolean;
};

const FATAL_SIGNALS = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL'];

/** Perl exits with `errno` if it is set, else with 255. */
function codes(from: number): number[] {
  return Array.from({ length: 256 - from }, (_, index) => from + index);
}

const ABORT_OF_DOTNET: FormProof = { exits: ['SIGABRT'], at: 'proven', anyThread: true, dumps: true };

/** Source: the recorded deaths in test/fixtures/last-words. */
const FORMS: Partial<Record<Runtime, Readonly<Record<string, FormProof>>>> = {
  java: {
    uncaught: { exits: [1], at: 'proven' },
    'handler-failed': { exits: [1], at: 'proven' },
    // `-XX:-CreateCoredumpOnCrash` makes it 1, and being the first process of a container 127; engines report 134.
    'jvm-fatal-error': { exits: ['SIGABRT', 1, 127, 134], at: 'proven' },
    'fatal-out-of-memory': { exits: ['SIGABRT', 1, 127, 134], at: 'proven' },
    'exit-on-out-of-memory': { exits: [3], at: 'proven' },
    launcher: { exits: [1], at: 'likely' },
    clojure: { exits: [1], at: 'likely' },
    printed: { exits: [1], at: 'likely' },
  },
  dotnet: {
    'mono-uncaught': { exits: [1], at: 'proven', anyThread: true },
    uncaught: ABORT_OF_DOTNET,
    'fatal-error': ABORT_OF_DOTNET,
    'fail-fast': ABORT_OF_DOTNET,
    'stack-overflow': ABORT_OF_DOTNET,
    'fatal-out-of-memory': ABORT_OF_DOTNET,
  },
  go: {
    panic: { exits: [2, 'SIGABRT'], at: 'proven', anyThread: true },
    'fatal-error': { exits: [2, 'SIGABRT'], at: 'proven', anyThread: true },
    // From outside of Go, as in C code.
    signal: { exits: [2, 'SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGFPE'], at: 'proven', anyThread: true },
  },
  native: {
    terminate: { exits: ['SIGABRT'], at: 'proven', anyThread: true },
    abort: { exits: ['SIGABRT'], at: 'proven', anyThread: true },
    loader: { exits: [127], at: 'proven' },
    sanitizer: { exits: 'any-failure', at: 'proven', anyThread: true },
    leak: { exits: 'any-failure', at: 'proven' },
    'undefined-behavior': { exits: [1, 'SIGABRT'], at: 'likely' },
  },
  rust: {
    panic: { exits: [101, 'SIGABRT', 'SIGILL'], at: 'proven', anyThread: 'SIGABRT' },
    'main-error': { exits: [1], at: 'likely' },
    abort: { exits: ['SIGABRT', 'SIGSEGV'], at: 'proven', anyThread: true },
  },
  erlang: {
    exception: { exits: [1], at: 'likely' },
    boot: { exits: [1], at: 'proven' },
    halt: { exits: [1], at: 'proven' },
    'out-of-memory': { exits: [1, 'SIGABRT'], at: 'proven' },
  },
  perl: {
    die: { exits: codes(1), at: 'likely' },
    'compile-error': { exits: codes(1), at: 'likely' },
    'missing-module': { exits: codes(1), at: 'likely' },
    'missing-method': { exits: codes(1), at: 'likely' },
    'undefined-invocant': { exits: codes(1), at: 'likely' },
    'undefined-subroutine': { exits: codes(1), at: 'likely' },
    'zero-division': { exits: codes(1), at: 'likely' },
    'wrong-reference': { exits: codes(1), at: 'likely' },
    'read-only-value': { exits: codes(1), at: 'likely' },
    // Also the look of a warning that a module prints for its caller: exit 1 would not say which.
    croak: { exits: codes(2), at: 'likely' },
    object: { exits: codes(2), at: 'likely' },
    'out-of-memory': { exits: [1], at: 'likely' },
  },
  node: {
    exception: { exits: 'any-failure', at: 'proven' },
    rejection: { exits: 'any-failure', at: 'proven' },
    'stack-overflow': { exits: 'any-failure', at: 'proven' },
    'exception-then-output': { exits: 'any-failure', at: 'likely' },
    // PM2 says that an exception ended it, and not which; it can exit with 0.
    reported: { exits: 'any', at: 'likely' },
  },
  deno: {
    uncaught: { exits: [1], at: 'proven' },
    error: { exits: [1], at: 'likely' },
    'out-of-memory': { exits: ['SIGTRAP', 'SIGABRT'], at: 'proven' },
  },
  bun: {
    uncaught: { exits: [1], at: 'proven' },
    crash: { exits: [...FATAL_SIGNALS, 'SIGTRAP'], at: 'proven', anyThread: true },
  },
  php: {
    exception: { exits: [255], at: 'proven' },
    'parse-error': { exits: [255], at: 'proven' },
    'fatal-error': { exits: [255], at: 'proven' },
    'memory-limit': { exits: [255], at: 'proven' },
    'out-of-memory': { exits: [255], at: 'proven' },
    'time-limit': { exits: [255], at: 'proven' },
  },
  ruby: {
    exception: { exits: [1], at: 'likely' },
    bug: { exits: ['SIGABRT'], at: 'proven', anyThread: true },
  },
  python: {
    traceback: { exits: [1], at: 'likely' },
    'syntax-error': { exits: [1], at: 'likely' },
    // The master of gunicorn ends with this code after what its worker printed.
    'worker-boot': { exits: [3], at: 'likely', ofChild: true },
    'fatal-error': { exits: FATAL_SIGNALS, at: 'proven', anyThread: true },
    // gunicorn names the worker above it, which then exits with -1.
    'worker-process': { exits: [255], at: 'proven' },
  },
};

/** An exception in a line of JSON: the app caught it. */
const LOGGED: FormProof = { exits: 'any-failure', at: 'likely' };

/** How sure it is that the process ended because of its last words. @returns null if they are about something else */
export function proveDeath(evidence: DeathEvidence): Proof | null {
  const { status, runtime, words, pid, silenceMs, unrecorded = false, shared = false } = evidence;
  const form = words.form === 'logged' ? LOGGED : FORMS[runtime]?.[words.form];
  if (form === undefined || (words.pid !== null && pid !== null && words.pid !== pid)) return null;
  if (words.thread === 'other' && !endsInAnyThread(status, form)) return null;
  const isLate = silenceMs !== null && silenceMs > MAX_SILENCE_MS;
  if (isLate && !wasDumping(evidence, form)) return null;
  // A signal has another cause than an exception that was printed before.
  if (!fits(status, form)) return status.type === 'signal' ? null : 'printed';
  if (words.handled) return 'printed';
  if (form.at === 'likely' && unrecorded && form.ofChild !== true) return 'printed';
  if (words.linesAfter > 0 && form.at === 'likely') return 'printed';
  return isLate || (shared && words.pid === null) ? 'likely' : form.at;
}

/** Nothing was printed while it wrote a dump. */
function wasDumping({ status, words, silenceMs }: DeathEvidence, form: FormProof): boolean {
  return (
    form.dumps === true && (silenceMs ?? 0) <= MAX_DUMP_MS && words.linesAfter === 0 && fits(status, form)
  );
}

function endsInAnyThread(status: ExitStatus, { anyThread }: FormProof): boolean {
  return anyThread === true || (status.type === 'signal' && status.signal === anyThread);
}

function fits(status: ExitStatus, { exits }: FormProof): boolean {
  if (status.type === 'unknown') return false;
  const exit = status.type === 'code' ? status.code : status.signal;
  if (exits === 'any') return true;
  return exits === 'any-failure' ? exit !== 0 : exits.includes(exit);
}
