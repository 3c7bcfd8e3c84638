import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { setPriority } from 'node:os';
import { dirname } from 'node:path';

const LOWEST_PRIORITY = 19;
/** Where memory runs out the kernel ends this one first (proc_pid_oom_score_adj(5)). */
const MOST_EXPENDABLE = '1000';

/**
 * Starts work of crashmon's own that must affect neither the worker nor the agent: at the lowest priority, killed first
 * when memory runs out, with neither of the agent's output streams.
 * @param files standard input, and open files that the process has from 3 on
 * @param options.hurry it does not give way to the worker
 */
export function startBackground(
  command: string,
  args: readonly string[],
  [input, ...files]: readonly ['ignore' | 'pipe', ...number[]],
  { hurry = false }: { hurry?: boolean } = {},
): ChildProcess {
  const child = spawn(command, args, {
    stdio: [input, 'ignore', 'ignore', ...files],
    env: { ...process.env, ...compileCache() },
    // In a session of its own: Ctrl-C is meant for the worker, and this should finish when crashmon ends.
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) {
    if (!hurry) courtesy(() => setPriority(pid, LOWEST_PRIORITY));
    courtesy(() => writeFileSync(`/proc/${pid}/oom_score_adj`, MOST_EXPENDABLE));
  }
  return child;
}

/** Optional: the process may have ended, or it is not allowed. */
function courtesy(operation: () => void): void {
  try {
    operation();
  } catch {}
}

/** Without it every such process would compile its TypeScript again, which takes longer than most of them. */
function compileCache(): NodeJS.ProcessEnv {
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}
