import type { Frame } from '../model/frame.ts';
import type { RedactedException } from '../model/redacted-report.ts';

type Stacks = {
  readonly frames: readonly Frame[];
  /** Outermost first. */
  readonly causes: readonly RedactedException[];
};

/**
 * The app's own code that is nearest to the crash, with source where there is any: `src/cart.ts:12`. Of a wrapped error
 * that is the innermost cause which has such a place: a wrapper's own place is often that of a helper.
 */
export function nearestPlace({ frames, causes }: Stacks): string | null {
  const stacks = [...causes.map((cause) => cause.frames).reverse(), frames];
  return stacks.map(placeIn).find((place) => place !== null) ?? null;
}

function placeIn(frames: readonly Frame[]): string | null {
  const own = frames.filter(({ inApp }) => inApp);
  // `eval` without a line is no place.
  const frame = own.find(({ file, line }) => file !== null && !(file === 'eval' && line === null));
  if (frame !== undefined) {
    const { file, line, function: name, noLine } = frame;
    if (noLine !== undefined && name !== null) return `${name} in ${file}`;
    return [file, line].filter((part) => part !== null).join(':');
  }
  const stripped = own.find(({ native }) => native?.image != null && native.offset !== null);
  return stripped?.native === undefined ? null : `${stripped.native.image}+${stripped.native.offset}`;
}
