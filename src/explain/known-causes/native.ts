import { all, inFunction, isAbort, isFault, isOthersCode, isRustPanic, not } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const SIGNALS = 'https://man7.org/linux/man-pages/man7/signal.7.html';
const SANITIZER = 'Build with -fsanitize=address, or run under valgrind, to find the invalid access.';
/** These execute such an instruction on purpose. */
const stopsItself = inFunction(/^(?:v8::|node::|V8_Fatal|__ubsan|__builtin_trap|abort$)/);

/** Reported by the kernel or the CPU: valid for any code. */
const SYSTEM = ['illegal-instruction', 'mapped-file-cut', 'forbidden-system-call', 'defective-memory'];
const isFatalInAddon = inFunction(/^napi_fatal_(?:error|exception)$|^Napi::Error::Fatal$/);

const ADDONS: readonly CatalogEntry[] = [
  {
    id: 'addon-fatal-error',
    title: 'A native add-on ended the process',
    matches: isFatalInAddon,
    meaning:
      'An add-on could not pass an error to JavaScript, and ended the process through Node-API. This happens, for example, if a worker thread is terminated while it runs add-on code.',
    steps: [
      'Update {package}.',
      'Do not terminate a worker thread that may be running add-on code: ask it to exit, and wait.',
      'Read the text after FATAL ERROR in the private log.',
    ],
    link: 'https://nodejs.org/api/n-api.html#fatal-errors',
  },
  {
    id: 'fault-in-addon',
    title: 'A native add-on crashed',
    matches: (facts) =>
      (facts.kind === 'fault' || facts.kind === 'abort') &&
      !isFatalInAddon(facts) &&
      facts.addon !== undefined,
    meaning:
      'Native code of a dependency crashed the whole process. The app is involved only through the input that it passed.',
    steps: [
      'Update {package}; search its issues for the function or the kind of input.',
      'Check the input from the nearest frame of your code: such crashes often need specific input, such as a corrupted file.',
      'Until it is fixed, call it in a separate process (child_process.fork), so that only that process crashes.',
    ],
    link: null,
  },
];

export const NATIVE: readonly CatalogEntry[] = [
  ...ADDONS,
  ...forOwnCode([
    {
      id: 'double-free',
      title: 'Double free',
      matches: isAbort('double-free'),
      meaning:
        'The C library detected that memory was freed twice. It may have been reused after the first free.',
      steps: ['Check which code owns the memory, and set pointers to null after free.', SANITIZER],
      link: 'https://man7.org/linux/man-pages/man3/malloc.3.html',
    },
    {
      id: 'heap-corruption',
      title: 'Heap corruption',
      matches: isAbort('heap-corruption', 'invalid-free'),
      meaning:
        'The C library found its heap overwritten, or received a pointer that it did not allocate. The corruption happened earlier, often outside the code in this stack.',
      steps: [SANITIZER, 'Look for buffer overflows and for use after free.'],
      link: 'https://man7.org/linux/man-pages/man3/malloc.3.html',
    },
    {
      id: 'stack-smashing',
      title: 'Stack smashing',
      matches: isAbort('stack-smashing'),
      meaning:
        'The stack protector found its guard value overwritten when a function returned: something wrote past the end of a local array.',
      steps: [
        'Check the local arrays of the function that called __stack_chk_fail, and the code that writes to them.',
        SANITIZER,
      ],
      link: 'https://gcc.gnu.org/onlinedocs/gcc/Instrumentation-Options.html',
    },
    {
      id: 'buffer-overflow',
      title: 'Buffer overflow',
      matches: isAbort('buffer-overflow'),
      meaning:
        'A fortified C library function was about to write past the end of its buffer, and aborted the process.',
      steps: ['Check the call into the C library and the size of its target buffer.'],
      link: 'https://man7.org/linux/man-pages/man7/feature_test_macros.7.html',
    },
    {
      id: 'failed-assertion',
      title: 'An assertion failed',
      matches: isAbort('assertion'),
      meaning: 'A condition that the program asserts was false, and the program aborted.',
      steps: [
        'Read the expression, file and line in the private log on the instance.',
        'Look in the stack for what led to that state.',
      ],
      link: 'https://man7.org/linux/man-pages/man3/assert.3.html',
    },
    {
      id: 'illegal-instruction',
      title: 'Illegal instruction',
      matches: all(isFault('illegal-instruction'), not(isRustPanic), not(stopsItself)),
      meaning:
        'The CPU does not support an instruction of the program. The program may be built for a newer CPU, or it executed a trap instruction on purpose.',
      steps: [
        'Compare the CPU of this instance, in /proc/cpuinfo, with the build target of the program or library.',
        'Use a build for an older CPU: a lower -march, no target-cpu=native.',
      ],
      link: SIGNALS,
    },
    {
      id: 'mapped-file-cut',
      title: 'A mapped file was truncated, or its disk is full',
      matches: isFault('truncated-mapping'),
      meaning:
        'The program accessed a mapped file past its end. The file was truncated while it was mapped, or its file system is full.',
      steps: [
        'Check the free space with df -h; /dev/shm is small in containers.',
        'Replace files by renaming new ones over them, never by truncating those in use.',
      ],
      link: 'https://man7.org/linux/man-pages/man2/mmap.2.html',
    },
    {
      id: 'forbidden-system-call',
      title: 'A system call was blocked by seccomp',
      matches: isFault('forbidden-system-call'),
      meaning:
        'A seccomp filter of the container or of the program killed the process because of a forbidden system call.',
      steps: [
        'Look up the system call number, and allow the call in the profile if it is harmless.',
        'Update the container runtime: old profiles do not know new system calls.',
      ],
      link: 'https://man7.org/linux/man-pages/man2/seccomp.2.html',
    },
    {
      id: 'division-by-zero',
      title: 'Integer division by zero',
      matches: isFault('integer-division'),
      meaning:
        'An integer division has no result: the divisor was zero, or the smallest integer was divided by −1.',
      steps: ['Check the divisor before the division in the first frame of your code.'],
      link: SIGNALS,
    },
    {
      id: 'null-pointer',
      title: 'Null pointer access',
      matches: isFault('null-access'),
      meaning: 'Native code accessed memory close to address 0, through a null pointer or a member of one.',
      steps: [
        'Look in the first frame of your code for a pointer that can be null.',
        'If it is in a native add-on or library, update it, and check its input.',
      ],
      link: SIGNALS,
    },
    {
      id: 'jump-to-no-code',
      title: 'Jump to an invalid address',
      matches: isFault('bad-jump'),
      meaning:
        'A function pointer or return address was invalid: null, freed, overwritten, or in an unloaded library.',
      steps: ['Look in the calling frame for the function pointer or virtual call.', SANITIZER],
      link: SIGNALS,
    },
    {
      id: 'defective-memory',
      title: 'Hardware memory error',
      matches: isFault('memory-failure'),
      meaning: 'The hardware reported memory that it cannot read correctly. The program is not the cause.',
      steps: ['Read the kernel log of the machine.', 'Take the machine out of service and test its memory.'],
      link: SIGNALS,
    },
  ]),
];

/** Advice about own native code does not fit the code of others. */
function forOwnCode(entries: readonly CatalogEntry[]): CatalogEntry[] {
  return entries.map((entry) =>
    SYSTEM.includes(entry.id) ? entry : { ...entry, matches: all(entry.matches, not(isOthersCode)) },
  );
}
