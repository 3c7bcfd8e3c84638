import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CliContext } from '../context.ts';

/** Entry for running another verb. */
export const OWN_ENTRY = fileURLToPath(new URL('../main.mjs', import.meta.url));

/** The environment of another verb, as this one got it. */
export function ownEnvironment({ env, workerEnv, command }: CliContext): NodeJS.ProcessEnv {
  const options = workerEnv.NODE_OPTIONS;
  return {
    ...env,
    CRASHMON_COMMAND: command,
    ...(options === undefined ? {} : { CRASHMON_NODE_OPTIONS: options }),
  };
}

/** Runs another verb in its own process, on the same terminal. */
export async function runCrashmon(args: readonly string[], context: CliContext): Promise<void> {
  const child = spawn(process.execPath, [OWN_ENTRY, ...args], {
    stdio: 'inherit',
    env: ownEnvironment(context),
  });
  await once(child, 'exit');
}
