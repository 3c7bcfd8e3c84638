export type GeneralProtection = 'misaligned' | 'privileged' | 'return' | 'indirect-jump' | 'memory';

/** Second bytes of SSE instructions that demand 16-byte alignment: movaps, movntps, movdqa, movntdq. */
const ALIGNED_MOVES = [0x28, 0x29, 0x2b, 0xe7];
const MOVDQA = [0x6f, 0x7f];

/**
 * Why an x86-64 instruction raised a general-protection fault, for which the kernel reports no address (SI_KERNEL), from
 * its first bytes (Intel SDM volume 2). Other memory accesses had a non-canonical address.
 */
export function classifyGeneralProtection(code: Uint8Array): GeneralProtection {
  let at = 0;
  let operandPrefix = false;
  // Legacy prefixes, then REX.
  for (
    ;
    at < 8 && [0x66, 0x67, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65].includes(code[at] ?? 0);
    at++
  ) {
    if (code[at] === 0x66) operandPrefix = true;
  }
  if (((code[at] ?? 0) & 0xf0) === 0x40) at++;
  const opcode = code[at];
  const next = code[at + 1] ?? 0;
  // VEX forms of the same moves; other AVX instructions need no alignment.
  if (opcode === 0xc5 || opcode === 0xc4) {
    const second = code[at + (opcode === 0xc5 ? 2 : 3)] ?? 0;
    const prefix = (code[at + (opcode === 0xc5 ? 1 : 2)] ?? 0) & 3;
    return ALIGNED_MOVES.includes(second) || (prefix === 1 && MOVDQA.includes(second))
      ? 'misaligned'
      : 'memory';
  }
  if (opcode === 0x0f) {
    if (ALIGNED_MOVES.includes(next) || (operandPrefix && MOVDQA.includes(next))) return 'misaligned';
    // System registers: lgdt and the like, clts, mov cr, mov dr, wrmsr, rdmsr.
    return [0x00, 0x01, 0x06, 0x20, 0x21, 0x22, 0x23, 0x30, 0x32].includes(next) ? 'privileged' : 'memory';
  }
  if (opcode === undefined) return 'memory';
  if (opcode === 0xc3 || opcode === 0xc2) return 'return';
  if (opcode === 0xff && [2, 4].includes((next >> 3) & 7) && next >= 0xc0) return 'indirect-jump';
  // hlt, cli, sti, in and out, int n.
  const privileged = [
    0xf4, 0xfa, 0xfb, 0xe4, 0xe5, 0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef, 0x6c, 0x6d, 0x6e, 0x6f, 0xcd,
  ];
  return privileged.includes(opcode) ? 'privileged' : 'memory';
}
