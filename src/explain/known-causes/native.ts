import { all, inFunction, isAbort, isFault, isOthersCode, isRustPanic, not } from './conditions.ts';
import type { CatalogueEntry } from './known-cause.ts';

const SIGNALS = 'https://man7.org/linux/man-pages/man7/signal.7.html';
const SANITIZER = 'Build with -fsanitize=address, or run under valgrind, to see where the damage is done.';
/** These stop themselves with such an instruction. */
const stopsItself = inFunction(/^(?:v8::|node::|V8_Fatal|__ubsan|__builtin_trap|abort$)/);

/** What the kernel or the processor says, whoever wrote the code. */
const SYSTEM = ['illegal-instruction', 'mapped-file-cut', 'forbidden-system-call', 'defective-memory'];
const isFatalInAddon = inFunction(/^napi_fatal_(?:error|exception)$|^Napi::Error::Fatal$/);

const ADDONS: readonly CatalogueEntry[] = [
  {
    id: 'addon-fatal-error',
    title: 'A native add-on ended the process',
    matches: isFatalInAddon,
    meaning:
      'An add-on met an error that it could not pass on to JavaScript, and ended the whole process by a call of Node-API. That happens where a thread is terminated while it is inside of the add-on.',
    steps: [
      'Update {package}.',
      'Do not terminate a worker thread that may be inside of the add-on: ask it to end, and wait.',
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
      'Machine code of a package among the dependencies failed, and took the whole process with it. The code of the app is at most what it was given.',
    steps: [
      'Update {package}; search its issues for the function or the kind of input.',
      'Look at what the nearest own frame gives to it: such crashes often need a certain input, such as a damaged file.',
      'Until it is mended, call it in a process of its own (child_process.fork), which can die alone.',
    ],
    link: null,
  },
];

export const NATIVE: readonly CatalogueEntry[] = [
  ...ADDONS,
  ...forOwnCode([
    {
      id: 'double-free',
      title: 'Memory was freed twice',
      matches: isAbort('double-free'),
      meaning:
        'The C library saw memory given back that had been given back before. What was freed first may have been in use since.',
      steps: ['Look who owns the memory, and set pointers to null after free.', SANITIZER],
      link: 'https://man7.org/linux/man-pages/man3/malloc.3.html',
    },
    {
      id: 'heap-corruption',
      title: 'The heap is damaged',
      matches: isAbort('heap-corruption', 'invalid-free'),
      meaning:
        'The C library found its heap overwritten, or was given a pointer that it never handed out. The damage was done earlier, often somewhere else than the stack shows.',
      steps: [
        SANITIZER,
        'Look for writes beyond the end of a block, and for memory that is used after it was freed.',
      ],
      link: 'https://man7.org/linux/man-pages/man3/malloc.3.html',
    },
    {
      id: 'stack-smashing',
      title: 'A function wrote over its stack',
      matches: isAbort('stack-smashing'),
      meaning:
        'The stack protector found its guard value overwritten when a function returned: something wrote beyond the end of a local array.',
      steps: [
        'Look at local arrays of the function that called __stack_chk_fail, and who fills them.',
        SANITIZER,
      ],
      link: 'https://gcc.gnu.org/onlinedocs/gcc/Instrumentation-Options.html',
    },
    {
      id: 'buffer-overflow',
      title: 'A buffer was too small',
      matches: isAbort('buffer-overflow'),
      meaning:
        'A checked function of the C library was about to write beyond the end of its buffer, and ended the process instead.',
      steps: ['Look at the call into the C library, and at the size of what it writes to.'],
      link: 'https://man7.org/linux/man-pages/man7/feature_test_macros.7.html',
    },
    {
      id: 'failed-assertion',
      title: 'An assertion failed',
      matches: isAbort('assertion'),
      meaning: 'The program checks that something is always true; it was not, and the program ended itself.',
      steps: [
        'Read the expression, file and line in the private log on the instance.',
        'Look in the stack for what brought the program into that state.',
      ],
      link: 'https://man7.org/linux/man-pages/man3/assert.3.html',
    },
    {
      id: 'illegal-instruction',
      title: 'The processor does not know an instruction',
      matches: all(isFault('illegal-instruction'), not(isRustPanic), not(stopsItself)),
      meaning:
        'The program met an instruction that this processor does not have. It may be built for a newer one, or it stopped itself on purpose with such an instruction.',
      steps: [
        'Compare the processor of this instance, in /proc/cpuinfo, with what the program or library was built for.',
        'Use a build for an older processor: a lower -march, no target-cpu=native.',
      ],
      link: SIGNALS,
    },
    {
      id: 'mapped-file-cut',
      title: 'A mapped file was cut, or its disk is full',
      matches: isFault('truncated-mapping'),
      meaning:
        'The program accessed a file in memory beyond what the file holds. It was shortened while it was mapped, or its file system has no space left for the page.',
      steps: [
        'Check the space of the file system, with df -h; /dev/shm of containers is small.',
        'Replace files by renaming new ones over them, never by truncating those in use.',
      ],
      link: 'https://man7.org/linux/man-pages/man2/mmap.2.html',
    },
    {
      id: 'forbidden-system-call',
      title: 'A system call was forbidden',
      matches: isFault('forbidden-system-call'),
      meaning:
        'A seccomp filter, of the container or of the program itself, ended the process for a system call that it does not allow.',
      steps: [
        'Look the number up in the table of system calls, and allow it in the profile if it is harmless.',
        'Update the runtime of the containers: old profiles do not know new calls.',
      ],
      link: 'https://man7.org/linux/man-pages/man2/seccomp.2.html',
    },
    {
      id: 'division-by-zero',
      title: 'An integer was divided by zero',
      matches: isFault('integer-division'),
      meaning:
        'An integer division has no result: the divisor was zero, or the smallest number was divided by minus one.',
      steps: ['Check the divisor before the division in the first frame of your own.'],
      link: SIGNALS,
    },
    {
      id: 'null-pointer',
      title: 'A null pointer was used',
      matches: isFault('null-access'),
      meaning:
        'Machine code read or wrote close to address 0: a pointer was null, or a member of what it points to was used.',
      steps: [
        'Look in the first frame of your own for the pointer that can be null.',
        'If it is in a native add-on or library, update it, and check what it is given.',
      ],
      link: SIGNALS,
    },
    {
      id: 'jump-to-no-code',
      title: 'The program jumped to where no code is',
      matches: isFault('bad-jump'),
      meaning:
        'A function pointer or a return address was wrong: null, freed, overwritten, or of a library that was unloaded.',
      steps: ['Look in the calling frame for the function pointer or virtual call.', SANITIZER],
      link: SIGNALS,
    },
    {
      id: 'defective-memory',
      title: 'The memory of the machine is defective',
      matches: isFault('memory-failure'),
      meaning: 'The hardware reported memory that cannot be read correctly. The program is not to blame.',
      steps: [
        'Read the kernel log of the machine.',
        'Take the machine out of service and have its memory tested.',
      ],
      link: SIGNALS,
    },
  ]),
];

/** What to do about one's own machine code does not fit that of others. */
function forOwnCode(entries: readonly CatalogueEntry[]): CatalogueEntry[] {
  return entries.map((entry) =>
    SYSTEM.includes(entry.id) ? entry : { ...entry, matches: all(entry.matches, not(isOthersCode)) },
  );
}
