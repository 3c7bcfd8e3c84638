import type { NativeFrame } from '../../model/native-stack.ts';

/** One frame as a handler printed it; every name may be any text. */
export type HandlerFrame = {
  address: bigint;
  symbol: string | null;
  /** Path or base name. */
  module: string | null;
  /** Of `address`, from the load address of the module. */
  moduleOffset: bigint | null;
  buildId: string | null;
};

/** No handler keeps more. */
export const MAX_FRAMES = 256;

/**
 * Frames of a report from those of a handler. All handlers unwind by call frame information, and go by frame pointers
 * where a module has none.
 */
export function nativeFramesOf(frames: readonly HandlerFrame[], executable: string | null): NativeFrame[] {
  return frames.map((frame, index) => {
    const callee = frames[index - 1];
    const isReturnAddress = callee !== undefined && callee.symbol !== SIGNAL_RETURN;
    return {
      ...{ address: frame.address, isReturnAddress },
      ...{ function: frame.symbol, rawSymbol: frame.symbol, file: null, line: null, column: null },
      module: pathOf(frame.module, executable),
      ...{ moduleOffset: frame.moduleOffset, buildId: frame.buildId, inlined: false },
      trust: callee === undefined ? 'ip' : callee.module === null ? 'frame-pointer' : 'cfi',
    };
  });
}

/** What it interrupted was not left by a call. */
const SIGNAL_RETURN = '__restore_rt';

function pathOf(module: string | null, executable: string | null): string | null {
  if (module === null) return null;
  if (/^linux-(?:vdso|gate)/.test(module)) return '[vdso]';
  return executable?.endsWith(`/${module}`) ? executable : module;
}
