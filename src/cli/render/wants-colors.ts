import type { CliContext } from '../context.ts';

/** NO_COLOR (no-color.org) wins over FORCE_COLOR, which wins over the terminal's type. */
export function wantsColors(env: CliContext['env'], isTerminal: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return isTerminal && env.TERM !== 'dumb';
}
