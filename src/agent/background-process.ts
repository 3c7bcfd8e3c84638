import { type ChildProcess, spawn } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { setPriority } from 'node:os';
import { dirname } from 'node:path';

const LOWEST_PRIORITY = 19;

/**
 * Starts work of crashmon's own that neither the worker nor the agent shall feel: at the lowest priority, with neither
 * of the agent's output streams.
 * @param files standard input, and open files that the process has from 3 on
 */
export function startBackground(
  command: string,
  args: readonly string[],
  [input, ...files]: readonly ['ignore' | 'pipe', ...number[]],
): ChildProcess {
  const child = spawn(command, args, {
    stdio: [input, 'ignore', 'ignore', ...files],
    env: { ...process.env, ...compileCache() },
    // In a session of its own: Ctrl-C means the worker, and this is worth finishing when crashmon ends.
    detached: true,
  });
  if (child.pid !== undefined) {
    try {
      setPriority(child.pid, LOWEST_PRIORITY);
    } catch {
      // Gone already, or not allowed: it is only a courtesy.
    }
  }
  return child;
}

/** Without it every such process would translate its TypeScript anew, which takes longer than most of them. */
function compileCache(): NodeJS.ProcessEnv {
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}
