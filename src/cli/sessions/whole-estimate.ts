import { readFileSync, statfsSync } from 'node:fs';
import { canKeepMemory, LONGEST_SECONDS } from '../../debugger/kept-memory.ts';
import { memorySize, roomForMemory } from '../../debugger/room-for-memory.ts';
import { sealDump } from '../../dumps/encryption.ts';
import { wholeMemoryWords } from '../../explain/whole-memory-words.ts';
import { formatByteSize } from '../../formats/byte-size.ts';
import { formatDuration } from '../../formats/duration.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { dumpOf } from '../../model/dump.ts';
import type { Session, WholeEstimate } from '../../model/session.ts';
import type { WholeMemoryObstacle } from '../../model/whole-memory.ts';

/** Of the program that is compressed to see how fast this machine is. */
const SAMPLE_BYTES = 16 * 1024 * 1024;

/**
 * What keeping all memory of a process costs, by its size now and how fast this machine is.
 * @param isSameUser of crashmon and of the caller: otherwise it is not tried whether it is allowed
 * @throws CrashmonError BAD_OPTION where it is not possible at all
 */
export async function estimateWhole(
  pid: number,
  recipient: string | null,
  isSameUser: boolean,
): Promise<WholeEstimate> {
  const begunMs = performance.now();
  if (isSameUser && !canKeepMemory()) {
    const why = wholeMemoryWords('not-permitted');
    throw new CrashmonError('BAD_OPTION', `--full is not possible here: ${why}.`);
  }
  const holdMs = Math.ceil(performance.now() - begunMs);
  return { sizeBytes: memorySize(pid), holdMs, bytesPerSecond: await sealingRate(recipient) };
}

/** Why it would not be kept if the process crashed now; null if it would, or has ended meanwhile. */
export function obstacleNow(pid: number): WholeMemoryObstacle | null {
  let maps: string;
  try {
    maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'ESRCH'].includes(code)) throw error;
    return null;
  }
  const room = roomForMemory(pid, maps);
  return typeof room === 'string' ? room : null;
}

export function estimateSentences({ store, maxDiskBytes }: Session, estimate: WholeEstimate): string[] {
  const { sizeBytes, holdMs, bytesPerSecond } = estimate;
  const { bavail, bsize } = statfsSync(store);
  const roomBytes = Math.min(maxDiskBytes, bavail * bsize);
  const seconds = Math.ceil(sizeBytes / bytesPerSecond);
  const writing = formatDuration(seconds * 1000);
  return [
    `All memory is kept: ${formatByteSize(sizeBytes)} of the process now. A fatal signal then holds it for about ${holdMs} ms longer, whatever its size. After its end the memory stays in use for about ${writing}, until it is written.`,
    ...(seconds > LONGEST_SECONDS
      ? [`That is longer than ${formatDuration(LONGEST_SECONDS * 1000)}: only stacks would be kept.`]
      : []),
    ...(sizeBytes > roomBytes
      ? [
          `The store has room for ${formatByteSize(roomBytes)}: of a dump that does not fit when it is compressed, only stacks are kept.`,
        ]
      : []),
  ];
}

/** Compressed, and encrypted to the key. */
async function sealingRate(recipient: string | null): Promise<number> {
  const sample = readFileSync(process.execPath).subarray(0, SAMPLE_BYTES);
  const begunMs = performance.now();
  for await (const _ of sealDump(dumpOf(sample), recipient)) {
    // Only its time counts.
  }
  return Math.round((sample.length / (performance.now() - begunMs)) * 1000);
}
