import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type MadeSnapshot, madeSnapshot } from '../../../test/support/native/made-snapshot.ts';
import { classifyFault } from './classify-fault.ts';

const SP = 19;
const IP = 16;
const summary = (made: MadeSnapshot) => classifyFault(madeSnapshot(made)).summary;

describe('stack overflow', () => {
  const guard = { start: 0x7000_0000n, end: 0x7000_1000n, readable: false, writable: false };
  const stack = { start: 0x7000_1000n, end: 0x7010_0000n };
  const at = (stackPointer: bigint, address: bigint, mappings: MadeSnapshot['mappings'] = [guard, stack]) =>
    classifyFault(madeSnapshot({ mappings, registers: { [SP]: stackPointer, [IP]: 1n }, address })).kind;

  test('in the guard page, or in the gap below that no mapping covers', () => {
    assert.equal(at(0x7000_1000n, 0x7000_0ff8n), 'stack-overflow');
    assert.equal(at(0x7000_0f00n, 0x7000_0f08n), 'stack-overflow');
    assert.equal(at(0x7000_1010n, 0x7000_0ffcn, [stack]), 'stack-overflow');
    assert.equal(at(0x6fff_0000n, 0x6fff_0010n, [stack]), 'stack-overflow');
  });

  test('is not any access below a stack', () => {
    assert.equal(at(0x7008_0000n, 0x7000_0ff8n), 'fault');
    assert.equal(at(0x7000_1000n, 0x10n), 'fault');
    assert.equal(at(0x7000_1000n, 0x7000_2000n), 'fault');
    assert.equal(at(0x1000n, 0xff8n), 'fault');
  });

  test('is not a write to a file that lies below', () => {
    const text = { start: 0x7000_0000n, end: 0x7000_1000n, writable: false, name: '/lib/x.so' };
    assert.equal(at(0x7000_1000n, 0x7000_0ff8n, [text, stack]), 'fault');
  });
});

test('codes of SIGFPE, SIGBUS and SIGSYS', () => {
  const file = { start: 0x5000n, end: 0x9000n, name: '/srv/data' };
  assert.equal(summary({ signal: 8, code: 1 }), 'integer-division');
  assert.equal(summary({ signal: 8, code: 2 }), 'integer-overflow');
  assert.equal(summary({ signal: 8, code: 7 }), 'floating-point');
  assert.equal(summary({ signal: 8, code: 99 }), 'arithmetic');
  assert.equal(summary({ signal: 7, code: 1 }), 'misaligned-access');
  assert.equal(summary({ signal: 7, code: 2, address: 0x6000n, mappings: [file] }), 'truncated-mapping');
  assert.equal(summary({ signal: 7, code: 2, address: 0x6000n }), 'bus-error');
  assert.equal(summary({ signal: 7, code: 4 }), 'memory-failure');
  assert.equal(summary({ signal: 31, code: 1 }), 'forbidden-system-call');
  assert.equal(summary({ signal: 31, code: 2 }), 'bad-system-call');
  assert.equal(summary({ signal: 25, code: 128 }), 'other-signal');
});

test('a signal that a process sent is no fault of the code', () => {
  assert.equal(summary({ signal: 11, code: 0 }), 'sent-signal');
  assert.equal(summary({ signal: 4, code: -1 }), 'sent-signal');
  assert.equal(summary({ signal: 6, code: 0, address: 1n }), 'sent-signal');
  assert.equal(summary({ signal: 6, code: 0, address: 100n }), 'abort');
  assert.equal(summary({ signal: 6, code: -6, address: 1n }), 'abort');
});

test('without siginfo, or with that of another signal, the signal alone decides', () => {
  const none = classifyFault(madeSnapshot({ siginfo: null }));
  assert.deepEqual([none.summary, none.siCode, none.faultAddress], ['bad-access', null, null]);
  assert.equal(summary({ signal: 5, siginfo: new Uint8Array(128) }), 'trap');
  assert.equal(summary({ signal: 6, siginfo: new Uint8Array(3) }), 'abort');
});

test('arm64 has its registers elsewhere', () => {
  const made = { machine: 'arm64', address: 0x1_0000n, registers: { 32: 0x1_0000n, 31: 0x7000n } } as const;
  const { summary, addressClass } = classifyFault(madeSnapshot(made));
  assert.deepEqual([summary, addressClass], ['bad-jump', 'unmapped']);
});
