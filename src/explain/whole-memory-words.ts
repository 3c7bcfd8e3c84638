import type { WholeMemoryObstacle } from '../model/whole-memory.ts';

/** Why a dump has no heap although all memory was asked for. */
export function wholeMemoryWords(why: WholeMemoryObstacle): string {
  return {
    'no-signal': 'no fatal signal ended the process',
    'not-permitted': 'crashmon must run as root, or have CAP_SYS_PTRACE',
    'one-at-a-time': 'the memory of another process was still being written',
    'memory-short': 'the next worker could lack the memory meanwhile',
    'in-use':
      'the process has something mapped that the next one may need at once (System V memory, a device)',
    'other-root': 'the process has another root directory (a container)',
    late: 'it would have held the worker longer',
    'no-room': 'the store has too little room for all of it (--max-disk, or its disk)',
    lost: 'the memory had to be given back before it was written',
  }[why];
}
