import { ofType } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const SPEC = 'https://go.dev/ref/spec';
const RACE = 'Build the tests with -race and run them: the race detector names both goroutines.';

/** Panics and fatal errors of Go's runtime. */
export const GO: readonly CatalogEntry[] = [
  {
    id: 'go-nil-map',
    title: 'A write to a nil map',
    matches: ofType(/^assignment to entry in nil map$/),
    meaning:
      'The code stored a value in a map that was declared, but never made. Reading a nil map works, writing panics.',
    steps: [
      'Make the map before the first frame of your code writes to it, with make or a literal.',
      'If it is a field, make it in the constructor, or where the struct is decoded.',
    ],
    link: 'https://go.dev/blog/maps',
  },
  {
    id: 'go-nil-pointer',
    title: 'A nil pointer was dereferenced',
    matches: ofType(/^runtime error: invalid memory address or nil pointer dereference$/),
    meaning:
      'The code used a pointer, an interface or a function that was nil. Often a function returned an error together with a nil result.',
    steps: [
      'Check in the first frame of your code which value can be nil.',
      'Check the error before the result that came with it is used.',
    ],
    link: `${SPEC}#Run_time_panics`,
  },
  {
    id: 'go-out-of-range',
    title: 'An index or a slice was out of range',
    matches: ofType(/^runtime error: (?:index|slice bounds) out of range$/),
    meaning: 'The code accessed an element beyond the end of a slice, an array or a string.',
    steps: ['Compare the index with the length in the first frame of your code.'],
    link: `${SPEC}#Index_expressions`,
  },
  {
    id: 'go-deadlock',
    title: 'All goroutines were waiting',
    matches: ofType(
      /^(?:all goroutines are asleep|no goroutines \(main called runtime\.Goexit\)) - deadlock!$/,
    ),
    meaning:
      'No goroutine could continue: each waited for a channel, a lock or a WaitGroup. Go then ends the process.',
    steps: [
      'Check what the first frame of your code waits for, and which goroutine should have sent, closed, unlocked or called Done.',
      'The private log has the state of every goroutine.',
    ],
    link: 'https://pkg.go.dev/sync#WaitGroup',
  },
  {
    id: 'go-concurrent-map',
    title: 'A map was used by several goroutines at once',
    matches: ofType(/^concurrent map /),
    meaning:
      'One goroutine wrote to a map while another one used it. Go detects some of these races, and ends the process: recover has no effect.',
    steps: ['Protect the map with a sync.Mutex, or use sync.Map.', RACE],
    link: 'https://go.dev/doc/articles/race_detector',
  },
  {
    id: 'go-closed-channel',
    title: 'A closed or nil channel was used',
    matches: ofType(/^(?:send on|close of) (?:closed|nil) channel$/),
    meaning: 'The code sent on a channel that was closed, closed one twice, or closed a nil channel.',
    steps: [
      'Let only the sender close a channel, and only once.',
      'With several senders, wait for all of them (sync.WaitGroup) before the channel is closed.',
    ],
    link: `${SPEC}#Close`,
  },
  {
    id: 'go-type-assertion',
    title: 'A type assertion failed',
    matches: ofType(/^\*?runtime\.TypeAssertionError$/),
    meaning: 'A value in an interface had another type than the code asserted, or was nil.',
    steps: [
      'Use the form with two results (v, ok := x.(T)) in the first frame of your code, and handle the other case.',
      'The private log names both types.',
    ],
    link: `${SPEC}#Type_assertions`,
  },
  {
    id: 'go-divide-by-zero',
    title: 'An integer was divided by zero',
    matches: ofType(/^runtime error: integer divide by zero$/),
    meaning: 'The divisor of an integer division or remainder was zero, which panics.',
    steps: ['Check the divisor in the first frame of your code.'],
    link: `${SPEC}#Arithmetic_operators`,
  },
  {
    id: 'go-unhashable-key',
    title: 'A value that cannot be compared was a key or was compared',
    matches: ofType(/^runtime error: (?:hash of unhashable|comparing uncomparable) type$/),
    meaning: 'An interface held a slice, a map or a function, and was used as a map key or compared with ==.',
    steps: ['Check the type of the value in the first frame of your code; use a key of a basic type.'],
    link: `${SPEC}#Comparison_operators`,
  },
  {
    id: 'go-out-of-memory',
    title: 'Go could not allocate memory',
    matches: ofType(/^(?:runtime: )?(?:out of memory|cannot allocate memory)$/),
    meaning:
      'The system refused memory: a limit of the process was reached, or one allocation was very large.',
    steps: [
      'Compare the memory limit (ulimit -v, cgroup) with the memory use of the process.',
      'Set GOMEMLIMIT below the limit, so that the collector runs earlier.',
    ],
    link: 'https://go.dev/doc/gc-guide',
  },
  {
    id: 'go-stack-overflow',
    title: 'A goroutine overflowed its stack',
    matches: ofType(/^stack overflow$/),
    meaning:
      'A goroutine needed more than 1 GB of stack, almost always because a function calls itself without an end.',
    steps: [
      'Check the function that repeats in the stack: a case that should end it is missing or not reached.',
    ],
    link: 'https://pkg.go.dev/runtime/debug#SetMaxStack',
  },
  {
    id: 'go-unlocked-mutex',
    title: 'A mutex was unlocked that was not locked',
    matches: ofType(
      /^sync: (?:unlock|Unlock|RUnlock) of unlocked (?:mutex|RWMutex)$|^sync: inconsistent mutex state$/,
    ),
    meaning: 'Unlock was called twice, without Lock, or on a copy of the mutex. Recover has no effect on it.',
    steps: ['Unlock with defer directly after Lock.', 'Run go vet: it finds mutexes that are copied.'],
    link: 'https://pkg.go.dev/sync#Mutex',
  },
  {
    id: 'go-wait-group',
    title: 'A WaitGroup was used wrongly',
    matches: ofType(
      /^sync: (?:negative WaitGroup counter|WaitGroup is reused before previous Wait has returned)$/,
    ),
    meaning: 'Done was called more often than Add, or Add was called while Wait was not finished.',
    steps: ['Call Add before the goroutine is started, and Done once in it, with defer.'],
    link: 'https://pkg.go.dev/sync#WaitGroup',
  },
  {
    id: 'go-too-many-threads',
    title: 'Go could not start another thread',
    matches: ofType(/^(?:newosproc|pthread_create failed|thread exhaustion)$/),
    meaning:
      'A limit on threads was reached. Many goroutines were in blocking system calls or in C code at once.',
    steps: [
      'Compare the limits (ulimit -u, pids.max of the cgroup) with the number of threads.',
      'Limit how many goroutines are in C code or blocking calls at the same time.',
    ],
    link: 'https://pkg.go.dev/runtime/debug#SetMaxThreads',
  },
  {
    id: 'go-memory-damage',
    title: 'Invalid memory access in unsafe or C code',
    matches: ofType(
      /^(?:fault|unexpected signal during runtime execution|found bad pointer in Go heap|invalid pointer found on stack|SIGSEGV|SIGBUS)/,
    ),
    meaning:
      'Memory was accessed that is not mapped. In Go this needs unsafe, C code or a mapped file that was truncated.',
    steps: [
      'Check uses of unsafe and cgo in the frames of your code, and in packages that they call.',
      'Build with -gcflags=all=-d=checkptr, which checks uses of unsafe.',
    ],
    link: 'https://pkg.go.dev/unsafe#Pointer',
  },
];
