import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classifyGeneralProtection, type GeneralProtection } from './general-protection.ts';

/** Bytes as assemblers write them. */
const INSTRUCTIONS: Readonly<Record<string, readonly [string, GeneralProtection]>> = {
  'movaps %xmm0,(%rdi)': ['0f2907', 'misaligned'],
  'movdqa (%rax),%xmm1': ['660f6f08', 'misaligned'],
  'movdqa %xmm8,(%r9)': ['66450f7f01', 'misaligned'],
  'movntdq %xmm0,(%rdi)': ['660fe707', 'misaligned'],
  'vmovaps %ymm0,(%rdi)': ['c5fc2907', 'misaligned'],
  'vmovdqa (%r8),%ymm1': ['c4c17d6f08', 'misaligned'],
  'vmovdqu (%r8),%ymm1': ['c4c17e6f08', 'memory'],
  'movdqu (%rax),%xmm1': ['f30f6f08', 'memory'],
  'movups %xmm0,(%rdi)': ['0f1107', 'memory'],
  'mov (%rax),%eax': ['8b00', 'memory'],
  'mov %rax,(%r12)': ['49890424', 'memory'],
  hlt: ['f4', 'privileged'],
  cli: ['fa', 'privileged'],
  'in (%dx),%al': ['ec', 'privileged'],
  wrmsr: ['0f30', 'privileged'],
  'mov %cr0,%rax': ['0f20c0', 'privileged'],
  ret: ['c3', 'return'],
  'repz ret': ['f3c3', 'return'],
  'call *%rax': ['ffd0', 'indirect-jump'],
  'notrack jmp *%rax': ['3effe0', 'indirect-jump'],
  'jmp *%r11': ['41ffe3', 'indirect-jump'],
  'call *(%rax)': ['ff10', 'memory'],
  'push (%rax)': ['ff30', 'memory'],
  nothing: ['', 'memory'],
};

test('why an instruction raised a general-protection fault', () => {
  for (const [name, [bytes, expected]] of Object.entries(INSTRUCTIONS)) {
    assert.equal(classifyGeneralProtection(Buffer.from(bytes, 'hex')), expected, name);
  }
});

test('any bytes have an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 16 }), (code) => classifyGeneralProtection(code).length > 0),
  );
});
