import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const HOG = 'import sys, time; kept = b"x" * int(sys.argv[1]); time.sleep(float(sys.argv[2]))';
/** That the kernel kills it last: others there need memory, too. */
const ENTER = 'echo $$ >"$0"; echo -1000 >/proc/self/oom_score_adj; exec "$@"';
/** Less would have the kernel try in vain for as long as it lasts. */
const LEFT_BYTES = 8 * 1024 * 1024;

/** Takes almost all memory that a memory cgroup (version 1 or 2) has left, for a time. */
export async function takeMemory(cgroup: string, forMs: number): Promise<void> {
  const read = (...names: string[]) => {
    const found = names.map((name) => path.join(cgroup, name)).find((file) => existsSync(file));
    return found === undefined ? 0 : Number(readFileSync(found, 'utf8'));
  };
  const free =
    read('memory.limit_in_bytes', 'memory.max') -
    read('memory.usage_in_bytes', 'memory.current') -
    LEFT_BYTES;
  if (!(free > 0)) return;
  const words = [
    path.join(cgroup, 'cgroup.procs'),
    '/usr/bin/python3',
    '-c',
    HOG,
    `${free}`,
    `${forMs / 1_000}`,
  ];
  const hog = spawn('sh', ['-c', ENTER, ...words], { stdio: 'ignore' });
  await once(hog, 'exit');
}
