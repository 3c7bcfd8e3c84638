import type { PrintedCall } from '../../model/last-words.ts';
import type { FrameOrigin } from '../frame-origin.ts';

/** What decides whose code a printed call is; file names are absolute where a file was found. */
export type OriginContext = {
  appRoot: string;
  /** As the executable names it; null if it does not. */
  mainModule?: string | null;
};

/** Whose code a call is, by the habits of a language. Its file has `/` between its parts. Pure, bounded, never throws. */
export type OriginRule = (
  call: Pick<PrintedCall, 'function' | 'file'>,
  context: OriginContext,
) => FrameOrigin;

export const OWN: FrameOrigin = { module: null, inApp: true };

export function library(module: string): FrameOrigin {
  return { module, inApp: false };
}
