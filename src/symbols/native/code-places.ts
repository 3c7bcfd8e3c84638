import { parseAddr2line } from '../../formats/stack-text/addr2line.ts';
import type { NativeFrame } from '../../model/native-stack.ts';
import { isRelocated } from './inlined-calls.ts';
import { runTool, type ToolLimits } from './run-tool.ts';

/**
 * Adds lines and inlined functions to the frames of one executable, by `addr2line` (Debian package binutils), as far as its debug
 * information has them. The file must be the one that ran. null if it takes too long.
 */
export async function withPlaces(
  frames: readonly NativeFrame[],
  executable: string,
  limits: ToolLimits,
): Promise<NativeFrame[] | null> {
  if (!isRelocated(executable)) return [...frames];
  const offsets = frames.map((frame) => (frame.module === executable ? lookUpOffset(frame) : null));
  const words = offsets.flatMap((offset) => (offset === null ? [] : [`0x${offset.toString(16)}`]));
  if (words.length === 0) return [...frames];
  const options = ['-a', '-f', '-i', '-e', executable];
  const { stdout, outcome } = await runTool('addr2line', [...options, ...words], limits);
  if (outcome === 'timed-out') return null;
  const found = parseAddr2line(stdout);
  return frames.flatMap((frame, index) => {
    const names = found.get(offsets[index] ?? -1n) ?? [];
    if (!names.some(({ file }) => file !== null)) return [frame];
    return names.map(({ symbol, file, line }, depth) => {
      const inlined = depth < names.length - 1;
      const name = inlined ? symbol : (frame.rawSymbol ?? symbol);
      return { ...frame, function: name, rawSymbol: name, file, line, inlined };
    });
  });
}

function lookUpOffset({ moduleOffset, isReturnAddress }: NativeFrame): bigint | null {
  if (moduleOffset === null) return null;
  return isReturnAddress && moduleOffset > 0n ? moduleOffset - 1n : moduleOffset;
}
