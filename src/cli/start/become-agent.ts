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
 * The agent stays for as long as its worker, and mostly waits: a small young generation and no optimizing compilers
 * keep it small. `--no-color` is for picocolors, which would else look at standard output.
 */
const NODE_FLAGS = [
  '--max-semi-space-size=1',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--v8-pool-size=0',
];

/** Linux takes 128 KiB of arguments and environment together in any case; an execve that fails ends the process. */
const SAFE_BYTES = 100_000;

/**
 * Replaces this process by one that holds the agent alone: same process id, same files, without the command line's
 * parser. Measured: 10 MB less for as long as the worker runs. Returns where that cannot be done.
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
  // Node has them closed at an exec, and the worker needs them.
  if (descriptorsToPass(parseInherited(inherited)).length > 0) return;
  try {
    // Where the program is gone (an upgrade of Node), execve would end this process.
    accessSync(process.execPath, constants.X_OK);
    process.execve(process.execPath, [process.execPath, ...NODE_FLAGS, ENTRY, text, '--no-color'], {
      ...keptFromNode(workerEnv),
      ...(inherited === undefined ? {} : { CRASHMON_INHERITED: inherited }),
      ...(plan.options.uplink === null ? {} : { [UPLINK_HEADERS]: headers }),
      ...(plan.options.notify === null ? {} : { [NOTIFY_SECRETS]: secrets }),
    });
  } catch {
    // Then it is this process that supervises.
  }
}
