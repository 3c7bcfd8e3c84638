import type { Frame } from '../model/frame.ts';

/** The app's own code that is nearest to the crash, with source where there is any: `src/cart.ts:12`. */
export function nearestPlace(frames: readonly Frame[]): string | null {
  const own = frames.filter(({ inApp }) => inApp);
  const frame = own.find(({ file }) => file !== null);
  if (frame !== undefined) {
    const { file, line, function: name, noLine } = frame;
    if (noLine !== undefined && name !== null) return `${name} in ${file}`;
    return [file, line].filter((part) => part !== null).join(':');
  }
  const stripped = own.find(({ native }) => native?.image != null && native.offset !== null);
  return stripped?.native === undefined ? null : `${stripped.native.image}+${stripped.native.offset}`;
}
