import { closeSync, constants, openSync, readSync } from 'node:fs';
import { ET_EXEC, readElfHeader } from '../../formats/elf/elf-header.ts';
import { type CodeName, parseAddr2line } from '../../formats/stack-text/addr2line.ts';
import type { TextFrame, TextModule } from '../../formats/stack-text/stack-text.ts';
import { runTool, type ToolLimits } from './run-tool.ts';

/**
 * Adds frames of inlined functions, which eu-stack does not see in Rust, by `addr2line` (Debian package binutils), which
 * takes a fraction of gdb's time. null if it finds none or is not installed.
 */
export async function withInlinedCalls(
  frames: readonly TextFrame[],
  modules: readonly TextModule[],
  limits: ToolLimits,
): Promise<TextFrame[] | null> {
  const known = new Map<TextFrame, CodeName[]>();
  for (const module of modules) {
    const its = frames.filter((frame) => moduleOf(frame, modules) === module);
    if (!its.some(isRust) || !isRelocated(module.path)) continue;
    const offsets = its.map((frame) => lookUpAddress(frame) - module.start);
    const words = offsets.map((offset) => `0x${offset.toString(16)}`);
    const { stdout } = await runTool('addr2line', ['-a', '-f', '-i', '-e', module.path, ...words], limits);
    const found = parseAddr2line(stdout);
    for (const [index, frame] of its.entries()) {
      const names = found.get(offsets[index] ?? -1n) ?? [];
      if (names.length > 1) known.set(frame, names);
    }
  }
  return known.size === 0 ? null : frames.flatMap((frame) => expanded(frame, known.get(frame) ?? []));
}

/** The outermost is the function that unwinding found; its position belongs to the innermost. */
function expanded(frame: TextFrame, names: readonly CodeName[]): TextFrame[] {
  if (names.length === 0) return [frame];
  return names.map(({ symbol, file, line }, index) => ({
    ...frame,
    symbol: index === names.length - 1 ? (frame.symbol ?? symbol) : symbol,
    file,
    line,
    column: index === 0 && line === frame.line ? frame.column : null,
  }));
}

function moduleOf(frame: TextFrame, modules: readonly TextModule[]): TextModule | null {
  const address = lookUpAddress(frame);
  const module = modules.find(({ start, end }) => address >= start && address < end);
  return module?.path.startsWith('/') ? module : null;
}

function lookUpAddress({ address, isReturnAddress }: TextFrame): bigint {
  return isReturnAddress && address > 0n ? address - 1n : address;
}

/** By its file or its mangled name; C libraries are skipped. */
export function isRust({ file, symbol }: TextFrame): boolean {
  return file?.endsWith('.rs') === true || symbol?.startsWith('_R') === true;
}

/** In others a linked address differs from the file offset. */
export function isRelocated(path: string): boolean {
  let file: number | null = null;
  try {
    const opened = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    file = opened;
    const { type } = readElfHeader((offset, length) => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(opened, bytes, 0, length, offset));
    });
    return type !== ET_EXEC;
  } catch {
    return false;
  } finally {
    if (file !== null) closeSync(file);
  }
}
