import type { CrashFacts } from '../model/crash-facts.ts';
import type { Frame } from '../model/frame.ts';

/**
 * The app's own code nearest to the crash, preferably with source: `src/cart.ts:12`, else `Shop.Cart.Total`. For a wrapped error this is in the
 * innermost cause that has own code: the place of the wrapper is often a helper.
 */
export function nearestPlace({ frames, causes = [] }: Pick<CrashFacts, 'frames' | 'causes'>): string | null {
  const stacks = [...causes.map((cause) => cause.frames).reverse(), frames];
  return stacks.map(placeIn).find((place) => place !== null) ?? null;
}

function placeIn(frames: readonly Frame[]): string | null {
  const own = frames.filter(({ inApp }) => inApp);
  // `eval` without a line locates nothing.
  const frame = own.find(({ file, line }) => file !== null && !(file === 'eval' && line === null));
  if (frame !== undefined) {
    const { file, line, function: name, noLine } = frame;
    if (noLine !== undefined && name !== null) return `${name} in ${file}`;
    return [file, line].filter((part) => part !== null).join(':');
  }
  const stripped = own.find(({ native }) => native?.image != null && native.offset !== null);
  if (stripped?.native !== undefined) return `${stripped.native.image}+${stripped.native.offset}`;
  // Runtimes such as .NET print no files where there are no symbols.
  return own.find(({ file, native }) => file === null && native === undefined)?.function ?? null;
}
