import { frameWords } from '../explain/frame-words.ts';
import { scriptPlace } from '../formats/script-place.ts';
import type { Frame } from '../model/frame.ts';
import { printable } from './printable.ts';

/** A stack in a private log: with absolute paths, and for machine code with image and offset. */
export function stackText(frames: readonly Frame[]): string {
  return frames.length === 0 ? '' : `Call stack, innermost first (> is your own code)\n${framesText(frames)}`;
}

export function framesText(frames: readonly Frame[]): string {
  return frames.map((frame) => `${frameText(frame)}\n`).join('');
}

function frameText(frame: Frame): string {
  const { name, times, notes } = frameWords(frame);
  const parts = [
    `${name} (${placeText(frame)})`,
    ...(frame.module === null ? [] : [`[${frame.module}]`]),
    ...(times === '' ? [] : [times]),
    ...notes.map((note) => `(${note})`),
  ];
  return `${frame.inApp ? '  > ' : '    '}${printable(parts.join('  ')).replaceAll('\n', ' ')}`;
}

function placeText(frame: Frame): string {
  const { file, native } = frame;
  const source = scriptPlace(frame) ?? '(unknown location)';
  if (native === undefined) return source;
  const offset = native.offset ?? '?';
  const code = native.image === null ? `at ${offset}` : `${native.image}+${offset}`;
  return file === null ? code : `${source}, ${code}`;
}

/** The build IDs of the frames' images, to find their symbols; '' if there are none. */
export function imagesText(frames: readonly Frame[]): string {
  const builds = new Map<string, string>();
  for (const { native } of frames) {
    if (native?.image != null && native.buildId !== null) builds.set(native.image, native.buildId);
  }
  const lines = Array.from(builds, ([image, build]) => printable(`${build}  ${image}`).replaceAll('\n', ' '));
  return lines.length === 0 ? '' : `Build IDs\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
