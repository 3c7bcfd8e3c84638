import { join } from 'node:path';
import { CHECKOUT } from '../../test/support/crashmon.ts';

/** How a worker is run. */
export type Way = 'bare' | 'unarmed' | 'armed' | 'control';

/** `control` is `bare` again: their difference is noise. */
export const WAYS: readonly Way[] = ['bare', 'unarmed', 'armed', 'control'];

const POLICY: Record<'unarmed' | 'armed', readonly string[]> = {
  unarmed: ['--arm-after', '999'],
  armed: ['--arm-after', '0', '--cooldown', '0'],
};

/** The CLI as `./crashmon` starts it. */
export const CHECKOUT_CLI: readonly string[] = [process.execPath, join(CHECKOUT, 'src', 'cli', 'main.mjs')];

/** A worker's command under `crashmon run`, restarted at once. */
export function underCrashmon(
  how: 'unarmed' | 'armed',
  name: string,
  worker: readonly string[],
  cli: readonly string[] = CHECKOUT_CLI,
): string[] {
  const options = ['--quiet', '--name', name, '--instance', 'bench', '--restart-delay', '0'];
  return [...cli, 'run', ...options, ...POLICY[how], '--', ...worker];
}

/** A program of `bench/programs/` run by the Node.js that runs the bench. */
export function benchProgram(file: string, ...args: string[]): string[] {
  return [process.execPath, join(CHECKOUT, 'bench', 'programs', file), ...args];
}
