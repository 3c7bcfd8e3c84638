import { badPacket } from './bad-packet.ts';

export type DescribedRegister = { name: string; offsetBytes: number; sizeBytes: number };

export type TargetDescription = {
  architecture: string;
  /** In the order and at the places in which they stand in the answer to `g`. */
  registers: ReadonlyMap<string, DescribedRegister>;
  sizeBytes: number;
};

const MAX_REGISTERS = 4096;

/**
 * Reads a target description (GDB manual, "Target Descriptions") as gdbserver writes it: one document without
 * inclusions. Registers are laid out in ascending number, each right after the one before it.
 * @throws CrashmonError BAD_RECORD
 */
export function parseTargetDescription(xml: string): TargetDescription {
  const architecture = /<architecture>([\w:.-]{1,64})<\/architecture>/.exec(xml)?.[1];
  if (architecture === undefined) throw badPacket('a target description without an architecture');
  const found: { number: number; name: string; sizeBytes: number }[] = [];
  let next = 0;
  for (const [element] of xml.matchAll(/<reg\s[^>]{1,400}>/g)) {
    const attribute = (name: string) => new RegExp(`\\s${name}="([^"]{1,64})"`).exec(element)?.[1];
    const name = attribute('name');
    const bits = Number(attribute('bitsize'));
    const number = Number(attribute('regnum') ?? next);
    if (name === undefined || !Number.isSafeInteger(number) || number < 0 || number > MAX_REGISTERS) {
      throw badPacket('a register without a name or number');
    }
    if (!Number.isSafeInteger(bits) || bits <= 0 || bits % 8 !== 0 || bits > 65_536) {
      throw badPacket('a register of an odd size');
    }
    if (found.length >= MAX_REGISTERS) throw badPacket('too many registers');
    found.push({ number, name, sizeBytes: bits / 8 });
    next = number + 1;
  }
  const registers = new Map<string, DescribedRegister>();
  let offsetBytes = 0;
  for (const { name, sizeBytes } of found.sort((a, b) => a.number - b.number)) {
    registers.set(name, { name, offsetBytes, sizeBytes });
    offsetBytes += sizeBytes;
  }
  return { architecture, registers, sizeBytes: offsetBytes };
}
