import pc from 'picocolors';
import type { CliContext } from '../context.ts';
import { wantsColours } from './wants-colours.ts';

export type Colours = ReturnType<typeof pc.createColors>;

/** Colors for one stream. */
export function coloursFor(env: CliContext['env'], isTerminal: boolean): Colours {
  return paletteFor(wantsColours(env, isTerminal));
}

export function paletteFor(enabled: boolean): Colours {
  return pc.createColors(enabled);
}
