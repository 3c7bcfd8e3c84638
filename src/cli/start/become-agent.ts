import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AgentSecrets } from '../../agent/agent-options.ts';
import { descriptorsToPass, parseInherited } from '../../worker/inherited.ts';
import type { CliContext } from '../context.ts';
import { NOTIFY_SECRETS } from '../options/notify-secrets.ts';
import { UPLINK_HEADERS } from '../options/uplink-secrets.ts';
import { keptFromNode } from './outer-environment.ts';
import type { SupervisionPlan } from './supervise.ts';

const ENTRY = fileURLToPath(new URL('./supervise.mjs', import.meta.url));

/**
 * The agent mostly waits: a small young generation and no optimizing compilers keep it small. `--no-color` stops
 * picocolors from checking standard output.
 */
const NODE_FLAGS = [
  '--optimize-for-size',
  '--max-semi-space-size=1',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--v8-pool-size=0',
];

/** Linux accepts at least 128 KiB of arguments and environment; a failed execve ends the process. */
const SAFE_BYTES = 100_000;

/**
 * Replaces this process with one that contains only the agent: same process ID and files, 10 MB less memory (measured).
 * Returns if that is not possible.
 */
export function becomeAgent(
  plan: SupervisionPlan,
  { uplinkHeaders, notifySecrets }: AgentSecrets,
  { workerEnv, inherited }: CliContext,
): void {
  const text = JSON.stringify(plan);
  const headers = JSON.stringify(uplinkHeaders);
  const secrets = JSON.stringify(notifySecrets);
  const size = Buffer.byteLength(text + headers + secrets + JSON.stringify(workerEnv));
  if (process.execve === undefined || size > SAFE_BYTES) return;
  // Node would close them at exec, and the worker needs them.
  if (descriptorsToPass(parseInherited(inherited)).length > 0) return;
  try {
    // If the program is gone (an upgrade of Node), execve would end this process.
    accessSync(process.execPath, constants.X_OK);
    process.execve(process.execPath, [process.execPath, ...NODE_FLAGS, ENTRY, text, '--no-color'], {
      ...keptFromNode(workerEnv),
      ...(inherited === undefined ? {} : { CRASHMON_INHERITED: inherited }),
      ...(plan.options.uplink === null ? {} : { [UPLINK_HEADERS]: headers }),
      ...(plan.options.notify === null ? {} : { [NOTIFY_SECRETS]: secrets }),
    });
  } catch {
    // This process supervises instead.
  }
}

/** Marks a process that is small already. */
const SMALL = 'CRASHMON_AGENT_SMALL';

/**
 * For glibc (mallopt(3)): what SQLite allocates for an open journal goes back to the system when it is closed, and
 * threads share one heap. By default the threshold grows, and such blocks stay.
 */
const ALLOCATOR = {
  MALLOC_MMAP_THRESHOLD_: '32768',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_ARENA_MAX: '1',
};

/**
 * Crashes of many services leave garbage: see `host/collect-after-exits`. And one compiler, which takes nothing before code
 * has run hundreds of times: without it, crash loops take four times the processor time.
 */
const OF_HOST = ['--heap-growing-percent=15', '--expose-gc', '--maglev'];

/** Replaces this process with the same in less memory. Returns if it is that one, or that is not possible. */
export function becomeSmall({ env }: CliContext): void {
  if (env[SMALL] !== undefined) {
    // Of its default of 64 KB, one small buffer keeps all.
    Buffer.poolSize = 8_192;
    return;
  }
  if (process.execve === undefined) return;
  try {
    accessSync(process.execPath, constants.X_OK);
    const args = [process.execPath, ...NODE_FLAGS, ...OF_HOST, ...process.argv.slice(1)];
    process.execve(process.execPath, args, { ...process.env, ...ALLOCATOR, [SMALL]: '1' });
  } catch {
    // This process goes on.
  }
}
