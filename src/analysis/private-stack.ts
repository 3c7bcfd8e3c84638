import { NO_LINE_WORDS } from '../explain/no-line-words.ts';
import { scriptPlace } from '../formats/script-place.ts';
import type { Frame } from '../model/frame.ts';
import { printable } from './printable.ts';

/** A stack in a private log: with absolute paths, and of machine code with image and offset. */
export function stackText(frames: readonly Frame[]): string {
  return frames.length === 0 ? '' : `Stack, innermost first; > is the app's own code\n${framesText(frames)}`;
}

export function framesText(frames: readonly Frame[]): string {
  return frames.map((frame) => `${frameText(frame)}\n`).join('');
}

function frameText(frame: Frame): string {
  const { module, repeat, trust, native, noLine } = frame;
  const notes = [
    module === null ? '' : `  [${module}]`,
    repeat > 1 ? `  × ${repeat}` : '',
    native?.inlined === true ? '  (inlined)' : '',
    noLine === undefined ? '' : `  (${NO_LINE_WORDS[noLine].short})`,
    trust === 'call-site' || trust === 'cfi' || trust === 'ip' ? '' : `  (${trust})`,
  ].join('');
  const text = `${frame.function ?? (native === undefined ? '<anonymous>' : '<no name>')} (${placeText(frame)})${notes}`;
  return `${frame.inApp ? '  > ' : '    '}${printable(text).replaceAll('\n', ' ')}`;
}

function placeText(frame: Frame): string {
  const { file, native } = frame;
  const source = scriptPlace(frame) ?? '<unknown>';
  if (native === undefined) return source;
  const offset = native.offset ?? '?';
  const code = native.image === null ? `at ${offset}` : `${native.image}+${offset}`;
  return file === null ? code : `${source}, ${code}`;
}

/** The build IDs of the images that frames are in, by which their symbols are found; '' where there are none. */
export function imagesText(frames: readonly Frame[]): string {
  const builds = new Map<string, string>();
  for (const { native } of frames) {
    if (native?.image != null && native.buildId !== null) builds.set(native.image, native.buildId);
  }
  const lines = Array.from(builds, ([image, build]) => printable(`${build}  ${image}`).replaceAll('\n', ' '));
  return lines.length === 0 ? '' : `Build IDs\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
