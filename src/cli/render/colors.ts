import pc from 'picocolors';
import type { CliContext } from '../context.ts';
import { wantsColors } from './wants-colors.ts';

export type Colors = ReturnType<typeof pc.createColors>;

/** Colors for one stream. */
export function colorsFor(env: CliContext['env'], isTerminal: boolean): Colors {
  return paletteFor(wantsColors(env, isTerminal));
}

export function paletteFor(enabled: boolean): Colors {
  return pc.createColors(enabled);
}
