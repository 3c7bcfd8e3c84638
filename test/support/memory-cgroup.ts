import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export type MemoryCgroup = AsyncDisposable & {
  /** A process that writes its pid there is in the cgroup. */
  readonly procs: string;
};

/**
 * A cgroup (v1 or v2) of the test's own below that of this process, limited in memory.
 * @throws with what to do about it, where none can be made
 */
export function memoryCgroup(limitBytes: number): MemoryCgroup {
  const own = readFileSync('/proc/self/cgroup', 'utf8');
  const v1 = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(own)?.[1];
  const v2 = /^0::(.*)$/m.exec(own)?.[1] ?? '/';
  const parent = v1 === undefined ? path.join('/sys/fs/cgroup', v2) : path.join('/sys/fs/cgroup/memory', v1);
  const directory = path.join(
    existsSync(parent) ? parent : path.dirname(parent),
    `crashmon-test-${process.pid}`,
  );
  try {
    // A v2 cgroup that holds processes gives its children no controllers: it must be the parent's.
    mkdirSync(directory);
    if (v1 !== undefined) {
      writeFileSync(path.join(directory, 'memory.limit_in_bytes'), String(limitBytes));
    } else {
      writeFileSync(path.join(directory, 'memory.max'), String(limitBytes));
      // Not there in a kernel without swap.
      const swap = path.join(directory, 'memory.swap.max');
      if (existsSync(swap)) writeFileSync(swap, '0');
    }
  } catch (error) {
    if (existsSync(directory)) rmdirSync(directory);
    throw new Error(
      `No memory cgroup can be made in ${parent}: run the tests as root, and in a container with a writable ` +
        'cgroup file system (docker run --privileged --cgroupns=host).',
      { cause: error },
    );
  }
  return {
    procs: path.join(directory, 'cgroup.procs'),
    async [Symbol.asyncDispose]() {
      // It can be removed once its last process is gone, for which there is no event.
      for (let look = 0; look < 200 && existsSync(directory); look++) {
        try {
          rmdirSync(directory);
        } catch {
          await delay(20);
        }
      }
    },
  };
}
