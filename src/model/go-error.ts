const RUNTIME_ERRORS = [
  'invalid memory address or nil pointer dereference',
  'index out of range',
  'slice bounds out of range',
  'integer divide by zero',
  'integer overflow',
  'floating point error',
  'negative shift amount',
  'makeslice: len out of range',
  'makeslice: cap out of range',
  'growslice: len out of range',
  'growslice: cap out of range',
  'hash of unhashable type',
  'comparing uncomparable type',
  'cannot convert slice',
  'unsafe.Slice: len out of range',
  'unsafe.Slice: ptr is nil and len is not zero',
  'unsafe.String: len out of range',
  'unsafe.String: ptr is nil and len is not zero',
].map((error) => `runtime error: ${error}`);

const PANICS: readonly string[] = [
  ...RUNTIME_ERRORS,
  'assignment to entry in nil map',
  'send on closed channel',
  'close of closed channel',
  'close of nil channel',
  'makechan: size out of range',
  'runtime: allocation size out of range',
  'sync: negative WaitGroup counter',
  'sync: WaitGroup is reused before previous Wait has returned',
];

const FATAL_ERRORS: readonly string[] = [
  'all goroutines are asleep - deadlock!',
  'no goroutines (main called runtime.Goexit) - deadlock!',
  'concurrent map writes',
  'concurrent map read and map write',
  'concurrent map iteration and map write',
  'concurrent map clone and map write',
  'stack overflow',
  'out of memory',
  'runtime: out of memory',
  'runtime: cannot allocate memory',
  'cannot allocate memory',
  'fault',
  'unexpected signal during runtime execution',
  'sync: unlock of unlocked mutex',
  'sync: Unlock of unlocked RWMutex',
  'sync: RUnlock of unlocked RWMutex',
  'sync: inconsistent mutex state',
  'found bad pointer in Go heap (incorrect use of unsafe or cgo?)',
  'invalid pointer found on stack',
  'malloc deadlock',
  'morestack on g0',
  'morestack on gsignal',
  'unknown return pc',
  'unknown caller pc',
  'newosproc',
  'pthread_create failed',
  'thread exhaustion',
];

/** A panic whose value is the app's: Go prints its text, and seldom its type. */
export const GO_PANIC = 'panic';
/** A fatal error that is in no list here. */
const FATAL_ERROR = 'fatal error';
/** `interface conversion: …`, whose message names the app's types. */
const TYPE_ASSERTION = '*runtime.TypeAssertionError';

/** What a panic with this text is called: the runtime's own constant, without the values that follow. */
export function goPanicType(text: string): string {
  if (text.startsWith('interface conversion: ')) {
    const compares = text.includes(' is ') && text.includes(', not ');
    if (compares || text.includes(': missing method ')) return TYPE_ASSERTION;
  }
  return beginning(PANICS, text) ?? GO_PANIC;
}

/** The same for the text of a fatal error. */
export function goFatalErrorType(text: string): string {
  return beginning(FATAL_ERRORS, text) ?? FATAL_ERROR;
}

/** A name that this file gives. */
export function isGoErrorType(type: string): boolean {
  return [GO_PANIC, FATAL_ERROR, ...PANICS, ...FATAL_ERRORS].includes(type);
}

function beginning(constants: readonly string[], text: string): string | undefined {
  return constants.find((constant) => text === constant || text.startsWith(`${constant} `));
}
