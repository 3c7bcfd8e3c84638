import type { PrintedCall } from '../../model/last-words.ts';
import type { Runtime } from '../../model/runtime.ts';
import { type FrameOrigin, frameOrigin } from '../frame-origin.ts';

/** What decides whose code a printed call is; file names are absolute where a file was found. */
export type OriginContext = { appRoot: string };

/** Whose code a call is, by the habits of a language. Pure, bounded, never throws. */
export type OriginRule = (call: PrintedCall, context: OriginContext) => FrameOrigin;

/** One for each runtime whose files do not say it as those of JavaScript do. */
const ORIGINS: Partial<Record<Runtime, OriginRule>> = {};

export function originOf(runtime: Runtime, call: PrintedCall, context: OriginContext): FrameOrigin {
  return ORIGINS[runtime]?.(call, context) ?? frameOrigin(call.file, context.appRoot);
}
