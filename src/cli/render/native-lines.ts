import { scriptPlace } from '../../formats/script-place.ts';
import type { Frame, NativePlace } from '../../model/frame.ts';
import { line } from './safe-text.ts';

/** Location of a native frame: source and line, else image and offset as symbolizers expect them. */
export function nativePlaceText(frame: Frame, native: NativePlace): string {
  if (frame.file !== null) return placeInFile(frame);
  if (native.image === null) return '(code generated at run time)';
  if (native.offset === null) return line(native.image);
  const build = native.buildId === null ? '' : ` (build ${line(native.buildId.slice(0, 8))})`;
  // A name comes from the image's exported symbols: the build ID is not needed to find one.
  return `${line(native.image)}+${line(native.offset)}${frame.function === null ? build : ''}`;
}

/** `[libcart.so]`, `[serde, server]`: what the location does not show. */
export function nativeOriginText(frame: Frame, native: NativePlace): string {
  const image = native.image === null || frame.file === null ? null : baseName(native.image);
  const { module } = frame;
  const isKnown = module === null || module === image || native.image?.includes(module) === true;
  const parts = [isKnown || module === 'unknown' ? null : line(module), image === null ? null : line(image)];
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? '' : `  [${known.join(', ')}]`;
}

/** Explanations of the weak unwinding methods used, once each, for below the stacks. */
export function trustLegend(frames: readonly Frame[]): string[] {
  const legend: string[] = [];
  for (const { trust } of frames) {
    const text = WEAK[trust];
    if (text !== undefined && !legend.includes(text)) legend.push(text);
  }
  return legend;
}

export function trustNote(trust: Frame['trust']): string {
  switch (trust) {
    case 'throw-site':
      return '  (where it was thrown)';
    case 'vouched-text':
      return '  (from text)';
    case 'v8-heap':
      return '  (begins here)';
    case 'frame-pointer':
      return '  (frame pointer?)';
    case 'scan':
      return '  (scan?)';
    default:
      return '';
  }
}

const WEAK: Readonly<Partial<Record<Frame['trust'], string>>> = {
  'v8-heap': '(begins here): the line is where the function begins, not the call in it.',
  'frame-pointer': '(frame pointer?): found through saved frame pointers; calls in between may be missing.',
  scan: '(scan?): a value on the stack that looks like a return address; it may be stale.',
};

export function placeInFile(frame: Frame): string {
  const place = scriptPlace(frame);
  return place === null ? '(unknown location)' : line(place);
}

function baseName(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1);
}
