import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { pointersOf, registerLayout } from './register-layout.ts';
import { parseTargetDescription } from './target-description.ts';

const BAD = (error: unknown) => error instanceof CrashmonError && error.code === 'BAD_RECORD';
const describeMachine = (architecture: string, registers = '') =>
  parseTargetDescription(
    `<target><architecture>${architecture}</architecture><feature>${registers}</feature></target>`,
  );
const reg = (names: string, bits: number) =>
  names
    .split(' ')
    .map((name) => `<reg name="${name}" bitsize="${bits}" type="int"/>`)
    .join('\n');

describe('x86-64', () => {
  // The order of gdb/features/i386/64bit-core.xml.
  const general = 'rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip';
  const segments = 'eflags cs ss ds es fs gs';

  /** Each register holds its own number in its first byte. */
  function answer(sizes: readonly number[]): Uint8Array {
    return Buffer.concat(sizes.map((size, index) => Buffer.from([index + 1, ...Array(size - 1).fill(0)])));
  }

  const sizes = [...Array(17).fill(8), ...Array(7).fill(4), ...Array(8).fill(10), ...Array(8).fill(4)];
  const plain = answer([...sizes, ...Array(16).fill(16), 4, 8, 8, 8]);

  test('without a description of its registers has the layout of old', () => {
    assert.equal(plain.length, 560);
    const layout = registerLayout(describeMachine('i386:x86-64'));
    assert.equal(layout.machine, 'x86-64');
    const user = layout.general(plain);
    assert.equal(user.length, 216);
    // struct user_regs_struct: r15 first, orig_rax 16th, rip 17th, rsp 20th, fs_base 22nd.
    assert.deepEqual(
      [0, 4, 10, 15, 16, 17, 18, 19, 20, 21, 22, 26].map((index) => user[index * 8]),
      [16, 7, 1, 58, 17, 19, 18, 8, 20, 59, 60, 24],
    );
    assert.deepEqual(pointersOf('x86-64', user), { instructionPointer: 17n, stackPointer: 8n });
    const float = layout.float(plain);
    assert.equal(float.length, 512);
    assert.deepEqual([float[32], float[160], float[24]], [25, 41, 57]);
  });

  test('is read by names where it is described', () => {
    const described = describeMachine(
      'i386:x86-64',
      [reg('ymm0h', 128), reg(general, 64), reg(segments, 32), reg('fs_base gs_base orig_rax', 64)].join(''),
    );
    const layout = registerLayout(described);
    const user = layout.general(answer([16, ...Array(17).fill(8), ...Array(7).fill(4), 8, 8, 8]));
    assert.deepEqual([user[16 * 8], user[21 * 8], user[15 * 8]], [18, 26, 28]);
  });

  test('refuses answers that are too short and descriptions that lack a register', () => {
    const layout = registerLayout(describeMachine('i386:x86-64'));
    assert.throws(() => layout.general(plain.subarray(0, 559)), BAD);
    assert.throws(() => pointersOf('x86-64', new Uint8Array(8)), BAD);
    assert.throws(() => registerLayout(describeMachine('i386:x86-64', reg('rax rbx', 64))), BAD);
  });
});

test('arm64 is x0 to x30, sp, pc, cpsr', () => {
  const names = [...Array.from({ length: 31 }, (_, index) => `x${index}`), 'sp', 'pc'].join(' ');
  const description = describeMachine('aarch64', `${reg(names, 64)}${reg('cpsr', 32)}`);
  const layout = registerLayout(description);
  const answer = new Uint8Array(33 * 8 + 4).map((_, index) => (index % 8 === 0 ? index / 8 : 0));
  const user = layout.general(answer);
  assert.equal(layout.machine, 'arm64');
  assert.deepEqual([user.length, user[30 * 8], user[33 * 8]], [272, 30, 33]);
  assert.deepEqual(pointersOf('arm64', user), { instructionPointer: 32n, stackPointer: 31n });
});

test('other machines are refused, as are registers of odd sizes', () => {
  assert.throws(() => registerLayout(describeMachine('i386')), BAD);
  assert.throws(() => parseTargetDescription('<target/>'), BAD);
  for (const bits of ['7', '0', '-8', '1e9', 'x']) {
    assert.throws(() => describeMachine('i386', `<reg name="a" bitsize="${bits}"/>`), BAD);
  }
  assert.throws(() => describeMachine('i386', '<reg name="a" bitsize="8" regnum="99999"/>'), BAD);
});
