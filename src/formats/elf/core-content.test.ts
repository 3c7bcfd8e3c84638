import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { madeSnapshot } from '../../../test/support/native/made-snapshot.ts';
import { inputs } from '../../../test/support/rounds.ts';
import { writeTrimmedCore } from '../../capture/native/trimmed-core.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { readCoreContent } from './core-content.ts';

const SP = 19;
const STACK = { start: 0x7000_0000n, end: 0x7080_0000n };

function madeCore(): Buffer {
  const registers = { [SP]: 0x7000_2000n, 16: 0x40_0010n };
  const mappings = [{ start: 0x40_0000n, end: 0x40_1000n, executable: true, name: '/srv/shop' }, STACK];
  return Buffer.concat(writeTrimmedCore(madeSnapshot({ registers, mappings, threads: 3 })).chunks);
}

describe('what a core says', () => {
  test('registers of all threads, the crashing one first', () => {
    const { threads } = readCoreContent(madeCore());
    assert.deepEqual(
      threads.map(({ tid }) => tid),
      [100, 101, 102],
    );
    const registers = new Map(threads[0]?.registers.map(({ name, value }) => [name, value]));
    assert.equal(registers.get('rip'), 0x40_0010n);
    assert.equal(registers.get('rsp'), 0x7000_2000n);
  });

  test('damaged or cut, it ends, and throws nothing but BAD_RECORD', () => {
    const core = madeCore();
    const change = fc.record({ at: fc.nat(1500), byte: fc.nat(255), end: fc.nat(core.length) });
    fc.assert(
      fc.property(change, ({ at, byte, end }) => {
        const damaged = Buffer.from(core.subarray(0, end));
        if (at < damaged.length) damaged[at] = byte;
        try {
          readCoreContent(damaged);
        } catch (error) {
          if (!(error instanceof CrashmonError && error.code === 'BAD_RECORD')) throw error;
        }
      }),
      { numRuns: inputs(2000) },
    );
  });
});
