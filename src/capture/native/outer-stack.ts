import { Fields } from '../../formats/elf/fields.ts';
import type { MachineLayout, SignalFrameLayout } from '../../formats/elf/machine.ts';
import { mappingAt, stackAt } from '../../formats/elf/mapping-at.ts';
import type { ReadBytes } from '../../formats/elf/memory-reader.ts';
import type { Mapping } from '../../model/process-snapshot.ts';
import type { CodeWords } from './code-words.ts';

/** Where unwinding is, or continues. */
export type Position = {
  stackPointer: bigint;
  framePointer: bigint;
  /** null if only the stack is known. */
  instructionPointer: bigint | null;
};

/** Alternate stacks and those of coroutines are small. */
const MAX_SCAN_BYTES = 256 * 1024;
const MAX_FRAMES = 1024;

/**
 * The stack on which frames go on after those of this one, or null:
 * - A handler on an alternate stack (sigaltstack(2)) was called from another stack, whose registers its signal frame
 *   holds.
 * - A coroutine's first frame holds the frame pointer of its starter (glibc's makecontext(3)); elfutils follows it.
 */
export function outerStack(
  position: Position,
  mappings: readonly Mapping[],
  read: ReadBytes,
  code: CodeWords,
  layout: MachineLayout,
): Position | null {
  const start = position.stackPointer - (position.stackPointer % 8n);
  const mapping = mappingAt(mappings, start);
  if (mapping === null) return null;
  const left = mapping.end - start;
  const bytes = read(start, left < BigInt(MAX_SCAN_BYTES) ? Number(left) : MAX_SCAN_BYTES);
  const scanned = { start, fields: new Fields(bytes, 'a stack') };
  return (
    (layout.signalFrame === null ? null : interrupted(scanned, mappings, read, code, layout.signalFrame)) ??
    endOfFrames(scanned, position.framePointer, mapping, mappings)
  );
}

type Scanned = { start: bigint; fields: Fields };

/**
 * The innermost signal frame on an alternate stack. It counts only if its alternate stack holds the frame itself, its
 * stack pointer points to another stack, and its return address is the kernel's way out of a handler: other words of a
 * stack do not look like this.
 */
function interrupted(
  { start, fields }: Scanned,
  mappings: readonly Mapping[],
  read: ReadBytes,
  code: CodeWords,
  layout: SignalFrameLayout,
): Position | null {
  for (const { offset, value } of code.in(fields.bytes)) {
    if (offset + layout.sizeBytes > fields.bytes.length) return null;
    const alternateStart = fields.u64(offset + layout.altStackStart);
    const alternateEnd = alternateStart + fields.u64(offset + layout.altStackSize);
    const onAlternate = (address: bigint) => address >= alternateStart && address < alternateEnd;
    const stackPointer = fields.u64(offset + layout.stackPointer);
    if (!onAlternate(start + BigInt(offset)) || onAlternate(stackPointer)) continue;
    if (stackAt(mappings, stackPointer) === null) continue;
    if (Buffer.compare(read(BigInt(value), layout.returnCode.length), layout.returnCode) !== 0) continue;
    return {
      stackPointer,
      framePointer: fields.u64(offset + layout.framePointer),
      instructionPointer: fields.u64(offset + layout.instructionPointer),
    };
  }
  return null;
}

/** Follows frame pointers outwards as long as they stay on the stack; where they leave it for another one. */
function endOfFrames(
  { start, fields }: Scanned,
  framePointer: bigint,
  mapping: Mapping,
  mappings: readonly Mapping[],
): Position | null {
  let at = framePointer;
  for (let frames = 0; frames < MAX_FRAMES && at % 8n === 0n; frames++) {
    if (at < mapping.start || at >= mapping.end) {
      const stack = stackAt(mappings, at);
      return stack === null || stack.overflown
        ? null
        : { stackPointer: at, framePointer: at, instructionPointer: null };
    }
    const offset = at - start;
    if (offset < 0n || offset + 8n > BigInt(fields.bytes.length)) return null;
    const next = fields.u64(Number(offset));
    if (next <= at && next >= mapping.start) return null;
    at = next;
  }
  return null;
}
