import type { TextFrame, TextModule } from '../../formats/stack-text/stack-text.ts';
import type { NativeFrame } from '../../model/native-stack.ts';
import type { StepBack } from './jump-into-nowhere.ts';

/**
 * A tool's output for one thread as frames: with modules, inlined frames marked, and how each was found.
 * `names` has those of mangled symbols. `back` is set for a thread whose core was changed: its innermost frame is then the caller's.
 */
export function nativeFrames(
  printed: readonly TextFrame[],
  modules: readonly TextModule[],
  back: StepBack | null,
  names: ReadonlyMap<string, string>,
): NativeFrame[] {
  const frames = withoutEnd(printed, modules).map((frame) => ({ ...frame }));
  if (back !== null) {
    for (const frame of frames) {
      // Frames inlined at the call have the same address.
      if (frame.address !== back.returnAddress - 1n || frame.isReturnAddress) break;
      frame.address = back.returnAddress;
      frame.isReturnAddress = true;
    }
    frames.unshift(nowhere(back.jumpedTo));
  }
  const inlined = inlinedOf(frames);
  return frames.map((frame, index) => {
    const module = moduleAt(modules, lookUpAddress(frame));
    return {
      address: frame.address,
      isReturnAddress: frame.isReturnAddress,
      function: functionName(frame.symbol, names),
      rawSymbol: frame.symbol,
      file: frame.file,
      line: frame.line,
      column: frame.column,
      module: modulePath(module, frame),
      moduleOffset: module === null ? null : frame.address - module.start,
      buildId: module?.buildId ?? null,
      inlined: inlined[index] === true,
      trust: trustOf(frames, index, inlined, modules, back !== null),
    };
  });
}

function functionName(symbol: string | null, names: ReadonlyMap<string, string>): string | null {
  if (symbol === null || symbol === '' || symbol === '??') return null;
  return names.get(symbol) ?? symbol;
}

function nowhere(address: bigint): TextFrame {
  return {
    ...{ address, isReturnAddress: false, symbol: null },
    ...{ file: null, line: null, column: null, modulePath: null },
  };
}

/**
 * Inlined frames have the address of the function that contains them, which comes last. A recursion's calls also share an
 * address, but there the function comes several times.
 */
function inlinedOf(frames: readonly TextFrame[]): boolean[] {
  const inlined: boolean[] = [];
  let outer: TextFrame | undefined;
  for (const [index, frame] of [...frames.entries()].reverse()) {
    if (outer?.address !== frame.address || outer.isReturnAddress !== frame.isReturnAddress) outer = frame;
    inlined[index] = outer.symbol !== frame.symbol;
  }
  return inlined;
}

/** The tools do not report how they unwound, but code without a module has no call frame information. */
function trustOf(
  frames: readonly TextFrame[],
  index: number,
  inlined: readonly boolean[],
  modules: readonly TextModule[],
  steppedBack: boolean,
): NativeFrame['trust'] {
  let inner = index - 1;
  while (inlined[inner] === true) inner--;
  const callee = frames[inner];
  if (callee === undefined) return 'ip';
  if (steppedBack && inner === 0) return 'scan';
  return moduleAt(modules, lookUpAddress(callee)) === null ? 'frame-pointer' : 'cfi';
}

/** After a thread's entry function, tools print one more word of the stack. */
function withoutEnd(frames: readonly TextFrame[], modules: readonly TextModule[]): readonly TextFrame[] {
  const last = frames.at(-1);
  const before = frames.at(-2)?.symbol;
  const isEnd =
    last !== undefined &&
    last.symbol === null &&
    (last.address === 0n ||
      (/^(?:__)?clone3?$|^_start$/.test(before ?? '') && moduleAt(modules, last.address) === null));
  return isEnd && frames.length > 1 ? frames.slice(0, -1) : frames;
}

function lookUpAddress({ address, isReturnAddress }: TextFrame): bigint {
  return isReturnAddress && address > 0n ? address - 1n : address;
}

function moduleAt(modules: readonly TextModule[], address: bigint): TextModule | null {
  return modules.find(({ start, end }) => address >= start && address < end) ?? null;
}

/** For a static program the list has the name only, and the frame the path. */
function modulePath(module: TextModule | null, frame: TextFrame): string | null {
  if (module === null) return frame.modulePath;
  if (/^linux-(?:vdso|gate)/.test(module.path)) return '[vdso]';
  return module.path.includes('/') ? module.path : (frame.modulePath ?? module.path);
}
