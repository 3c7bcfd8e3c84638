import type { Runtime } from '../../model/runtime.ts';
import { isInWorkerThread } from '../is-in-worker-thread.ts';
import type { CatalogEntry } from './known-cause.ts';

/** These have entries of their own. */
const OWN_RECURSION: ReadonlySet<Runtime> = new Set(['python', 'java', 'go', 'dotnet', 'rust']);

/** V8's heap. */
export const HEAP: readonly CatalogEntry[] = [
  {
    id: 'heap-limit-of-thread',
    title: 'A worker thread ran out of memory (JavaScript heap)',
    matches: ({ kind, frames }) => kind === 'out-of-memory' && isInWorkerThread(frames),
    meaning:
      "The heap of a thread of worker_threads reached its limit. V8 should have ended only the thread; if memory runs out too fast, V8 ends the whole process. An 'error' listener does not help then.",
    steps: [
      'Look for what grows in the code of the thread, or give it smaller tasks.',
      'Raise maxOldGenerationSizeMb in resourceLimits of the Worker. The flag --max-old-space-size does not apply to threads with such limits.',
      'Run such work in a separate process (child_process.fork), so that only that process crashes.',
    ],
    link: 'https://nodejs.org/api/worker_threads.html#new-workerfilename-options',
  },
  {
    id: 'heap-limit',
    title: 'Out of memory (JavaScript heap)',
    matches: ({ kind, frames }) => kind === 'out-of-memory' && !isInWorkerThread(frames),
    meaning:
      'The V8 heap reached its limit, and V8 ended the process. Either memory leaks, or one task needs more memory than the limit.',
    steps: [
      'Look for what grows: unbounded caches, listeners that are never removed, large query results.',
      'Compare heap snapshots of a worker over time.',
      'Raise --max-old-space-size only if the memory is needed and the instance has it.',
    ],
    link: 'https://nodejs.org/en/learn/diagnostics/memory',
  },
];

/** Of all runtimes. */
export const MEMORY: readonly CatalogEntry[] = [
  {
    id: 'killed-for-memory',
    title: 'OOM kill by the kernel',
    matches: ({ kind }) => kind === 'oom-kill',
    meaning:
      'The container, service or machine ran out of memory, and the kernel killed the worker. The worker could not run any code in response.',
    steps: [
      'Compare the limit of the container with the memory use of the worker, including buffers and native memory.',
      'Set the limit of the runtime below it, if it has one: Node.js --max-old-space-size, Java -Xmx, Go GOMEMLIMIT.',
      'Look for a memory leak if memory use rises over hours.',
    ],
    link: 'https://docs.kernel.org/admin-guide/cgroup-v2.html#memory',
  },
  {
    id: 'endless-recursion',
    title: 'Endless recursion',
    matches: ({ kind, fault, frames, exceptionType, runtime }) =>
      (kind === 'stack-overflow' && fault === null && !OWN_RECURSION.has(runtime?.name ?? 'node')) ||
      exceptionType === 'SystemStackError' ||
      (fault?.summary === 'stack-overflow' && frames.some(({ repeat }) => repeat > 2)),
    meaning:
      'Functions called each other until the call stack overflowed. The recursion does not end, or the data is nested too deeply.',
    steps: [
      'Check the base case of the recursion in the frames with a repeat count.',
      'Look for circular data.',
      'Use a loop with a work list if deeply nested data is expected.',
    ],
    link: null,
  },
  {
    id: 'native-stack-overflow',
    title: 'Native stack overflow',
    matches: ({ fault, frames }) =>
      fault?.summary === 'stack-overflow' && !frames.some(({ repeat }) => repeat > 2),
    meaning:
      'A thread exceeded its stack size, by deep calls or by large variables on the stack. Some C libraries give threads small stacks.',
    steps: [
      'Look for large arrays on the stack, alloca, and deep recursion.',
      'Create the thread with a larger stack.',
    ],
    link: 'https://man7.org/linux/man-pages/man3/pthread_attr_setstacksize.3.html',
  },
];
