import { listWords, plural } from '../formats/quantity-words.ts';
import type { Frame } from '../model/frame.ts';
import { RUNTIMES } from '../model/runtime.ts';
import { RUNTIME_NAMES } from './runtime-words.ts';

/** Part of a stack: a frame, or frames that one line replaces. `at` is the index of the first. */
export type StackPart =
  | { type: 'frame'; at: number; frame: Frame }
  | { type: 'run'; at: number; frames: readonly Frame[]; text: string };

/** Frames shown if none is the app's. */
const SHOWN_OF_OTHERS = 6;

/**
 * Folds two or more consecutive frames that are not the app's. Always shown: the innermost frame, repeated frames,
 * and the function of a native library that the app called.
 */
export function foldStack(frames: readonly Frame[]): StackPart[] {
  const shown = frames.some(({ inApp }) => inApp) ? 1 : SHOWN_OF_OTHERS;
  const parts: StackPart[] = [];
  for (let at = 0; at < frames.length; ) {
    const end = at < shown ? at : endOfRun(frames, at);
    const run = frames.slice(at, end);
    if (run.length >= 2) parts.push({ type: 'run', at, frames: run, text: runText(run) });
    else parts.push({ type: 'frame', at, frame: frames[at] as Frame });
    at += Math.max(1, run.length);
  }
  return parts;
}

function endOfRun(frames: readonly Frame[], from: number): number {
  let end = from;
  while (end < frames.length && isFoldable(frames[end] as Frame)) end++;
  const last = frames[end - 1];
  const isCalledByApp =
    end > from && end < frames.length && last?.native !== undefined && last.module !== 'node';
  return isCalledByApp ? end - 1 : end;
}

function isFoldable({ inApp, repeat }: Frame): boolean {
  return !inApp && repeat === 1;
}

/** `3 frames of express`, `12 frames of Node.js and libc, some uncertain` */
function runText(frames: readonly Frame[]): string {
  const owners = [...new Set(frames.map(({ module }) => ownerName(module)))];
  const isUncertain = frames.some(({ trust }) => trust === 'scan' || trust === 'frame-pointer');
  return `${plural(frames.length, 'frame')} of ${listWords(owners)}${isUncertain ? ', some uncertain' : ''}`;
}

function ownerName(module: string | null): string {
  if (module === null) return 'unknown code';
  const runtime = module === 'native' ? undefined : RUNTIMES.find((name) => name === module);
  return runtime === undefined ? module.replace(/\.so[.\d]*$/, '') : RUNTIME_NAMES[runtime];
}
