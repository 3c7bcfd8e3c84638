import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInHandlerOf, isSamePlace } from './handler-frame.ts';

const FAULT = { tid: 1, instructionPointer: 0x5555_0000_1234n, stackPointer: 0x7fff_0000_4000n };

function stackWith(pair: readonly bigint[], at: number) {
  const stack = Buffer.alloc(8192);
  for (const [index, value] of pair.entries()) stack.writeBigUInt64LE(value, at + index * 8);
  return (address: bigint, length: number) =>
    stack.subarray(Number(address - 0x1000n), Number(address - 0x1000n) + length);
}

test('finds the frame of the signal above the stack pointer only', () => {
  const memory = stackWith([FAULT.stackPointer, FAULT.instructionPointer], 4096);
  assert.equal(isInHandlerOf(FAULT, 0x1000n, memory), true);
  assert.equal(isInHandlerOf(FAULT, 0x1000n + 4097n, memory), false);
});

test('wants both pointers side by side', () => {
  const swapped = stackWith([FAULT.instructionPointer, FAULT.stackPointer], 4096);
  assert.equal(isInHandlerOf(FAULT, 0x1000n, swapped), false);
  assert.equal(
    isInHandlerOf(FAULT, 0x1000n, () => new Uint8Array()),
    false,
  );
});

test('the same place is of one thread, with nothing executed since', () => {
  assert.equal(isSamePlace(FAULT, { ...FAULT }), true);
  for (const changed of [{ tid: 2 }, { instructionPointer: 1n }, { stackPointer: 1n }]) {
    assert.equal(isSamePlace(FAULT, { ...FAULT, ...changed }), false);
  }
});
