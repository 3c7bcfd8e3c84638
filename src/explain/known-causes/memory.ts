import { isInWorkerThread } from '../is-in-worker-thread.ts';
import type { CatalogueEntry } from './known-cause.ts';

export const MEMORY: readonly CatalogueEntry[] = [
  {
    id: 'heap-limit-of-thread',
    title: "A worker thread's heap was full",
    matches: ({ kind, frames }) => kind === 'out-of-memory' && isInWorkerThread(frames),
    meaning:
      "The heap of a thread of worker_threads reached its limit. V8 should have ended the thread alone; where it runs out too fast, it ends the whole process. An 'error' listener does not help then.",
    steps: [
      'Look for what grows in the code that the thread runs, or give it smaller pieces of work.',
      'Raise maxOldGenerationSizeMb in resourceLimits of the Worker. The flag --max-old-space-size is not for threads that have such limits.',
      'Run such work in a process of its own (child_process.fork), which can die alone.',
    ],
    link: 'https://nodejs.org/api/worker_threads.html#new-workerfilename-options',
  },
  {
    id: 'heap-limit',
    title: "JavaScript's heap was full",
    matches: ({ kind, frames }) => kind === 'out-of-memory' && !isInWorkerThread(frames),
    meaning:
      "V8's heap reached its limit, and V8 ended the process. Either something grows without an end, or one piece of work needs more than there is.",
    steps: [
      'Look for what grows: caches without a limit, listeners that are never removed, results that are read at once.',
      'Compare heap snapshots of a worker that has run for a while.',
      'Raise --max-old-space-size only if the memory is needed and the instance has it.',
    ],
    link: 'https://nodejs.org/en/learn/diagnostics/memory',
  },
  {
    id: 'killed-for-memory',
    title: 'The kernel killed the worker because memory ran out',
    matches: ({ kind }) => kind === 'oom-kill',
    meaning:
      'The memory limit of the container or service, or the memory of the machine, was used up, and the kernel killed the worker. It could not run any code of its own then.',
    steps: [
      'Compare the limit of the container with what the worker needs, buffers and native memory included.',
      'Set --max-old-space-size below the limit, so that V8 frees memory earlier.',
      'Look for what grows if the memory rises from hour to hour.',
    ],
    link: 'https://docs.kernel.org/admin-guide/cgroup-v2.html#memory',
  },
  {
    id: 'endless-recursion',
    title: 'An endless recursion',
    matches: ({ kind, fault, frames }) =>
      (kind === 'stack-overflow' && fault === null) ||
      (fault?.summary === 'stack-overflow' && frames.some(({ repeat }) => repeat > 2)),
    meaning:
      'Functions called each other until the call stack was full. The recursion does not end, or the data is nested deeper than the code can follow.',
    steps: [
      'Look at the frames with a count, and for what should end the recursion.',
      'Look for data that refers to itself.',
      'Use a loop with a list of what is still to be done if deep data is expected.',
    ],
    link: null,
  },
  {
    id: 'native-stack-overflow',
    title: 'The call stack of machine code was used up',
    matches: ({ fault, frames }) =>
      fault?.summary === 'stack-overflow' && !frames.some(({ repeat }) => repeat > 2),
    meaning:
      'A thread used more stack than it has: by deep calls, or by large variables on the stack. Threads of some C libraries have little.',
    steps: [
      'Look for large arrays on the stack, alloca, and deep recursion.',
      'Give the thread a bigger stack where it is created.',
    ],
    link: 'https://man7.org/linux/man-pages/man3/pthread_attr_setstacksize.3.html',
  },
];
