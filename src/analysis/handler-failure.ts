import { parsePrintedException } from '../formats/crash-output/printed-exception.ts';
import { type ReadSource, verifiedThrowSite } from '../formats/script-frames/verify-frames.ts';
import type { Frame } from '../model/frame.ts';
import type { FrameResolver } from './frame-resolver.ts';

/** An exception thrown by the app's own uncaughtException handler. */
export type HandlerFailure = { type: string | null; frames: Frame[] };

/**
 * The second exception of exit code 7. Only standard error shows it, so every frame is verified. undefined if nothing is
 * known, or if it is the first exception thrown again without a position.
 */
export function handlerFailure(
  stderr: string,
  firstFrames: readonly Frame[],
  resolver: FrameResolver,
  readSource: ReadSource,
): HandlerFailure | undefined {
  const printed = parsePrintedException(stderr);
  if (printed === null) return undefined;
  const site = printed.throwSite === null ? null : verifiedThrowSite(printed.throwSite, readSource);
  const place = site === null ? [] : resolver.frames([site], 'throw-site');
  const calls = resolver.textFrames(printed.frames);
  const isThrownAgain = calls[0] !== undefined && firstFrames.some((frame) => isSame(frame, calls[0]));
  const isShown = calls.some((call) => isSame(call, place[0]));
  const frames = isThrownAgain ? place : isShown ? calls : [...place, ...calls];
  return frames.length === 0 ? undefined : { type: printed.type, frames };
}

function isSame(one: Frame, other: Frame | undefined): boolean {
  return one.file === other?.file && one.line === other?.line && one.column === other?.column;
}
