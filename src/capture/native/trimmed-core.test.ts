import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readCoreAsSnapshot } from '../../../test/support/native/core-snapshot.ts';
import { madeSnapshot } from '../../../test/support/native/made-snapshot.ts';
import { pack } from '../../../test/support/native/pack.ts';
import { inputs } from '../../../test/support/rounds.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { coreImage } from './core-image.ts';
import { writeTrimmedCore } from './trimmed-core.ts';

const SP = 19;
const STACK = { start: 0x7000_0000n, end: 0x7080_0000n };
const trimmed = (snapshot: Parameters<typeof writeTrimmedCore>[0], maxBytes?: number) => {
  const core = writeTrimmedCore(snapshot, maxBytes === undefined ? {} : { maxBytes });
  return { ...core, bytes: Buffer.concat(core.chunks) };
};

describe('a trimmed core', () => {
  for (const machine of ['x86-64', 'arm64'] as const) {
    test(`of ${machine} is the snapshot again`, () => {
      const registers = machine === 'arm64' ? { 31: 0x7000_2000n, 32: 0x40_0000n } : { [SP]: 0x7000_2000n };
      const mappings = [{ start: 0x40_0000n, end: 0x40_1000n, executable: true, name: '/srv/shop' }, STACK];
      const auxv = pack(['u64', 6], ['u64', 4096], ['u64', 3], ['u64', 0x40_0040n], ['u64', 0], ['u64', 0]);
      const snapshot = madeSnapshot({ machine, registers, mappings, threads: 3, auxv });
      const again = readCoreAsSnapshot(trimmed(snapshot).bytes);
      assert.deepEqual(
        [again.machine, again.pid, again.crashingTid, again.signal, again.executable],
        [machine, 100, 100, 11, '/srv/shop'],
      );
      assert.deepEqual(
        again.threads.map(({ tid }) => tid),
        [100, 101, 102],
      );
      assert.deepEqual(Buffer.from(again.threads[0]?.registers ?? []), snapshot.threads[0]?.registers);
      assert.deepEqual(Buffer.from(again.siginfo ?? []), snapshot.siginfo);
      assert.deepEqual(Buffer.from(again.auxv), auxv);
    });
  }

  test('holds the stack from below the red zone up, and no byte beneath', () => {
    const memory = (_: bigint, length: number) => new Uint8Array(length).fill(0xaa);
    const end = 0x7000_5000n;
    const snapshot = madeSnapshot({
      registers: { [SP]: 0x7000_2200n },
      mappings: [{ ...STACK, end }],
      memory,
    });
    const { readMemory, mappings } = readCoreAsSnapshot(trimmed(snapshot).bytes);
    assert.deepEqual([mappings[0]?.start, mappings[0]?.end], [0x7000_2000n, end]);
    const bytes = readMemory(0x7000_2000n, 0x3000);
    assert.equal(bytes.indexOf(0xaa), 0x200 - 128);
    assert.equal(
      bytes.subarray(0x200 - 128).every((byte) => byte === 0xaa),
      true,
    );
  });

  test('never merges memory over the end of a mapping', () => {
    const neighbor = { start: 0x6fff_f000n, end: STACK.start, executable: true, name: '/lib/x.so' };
    const registers = { [SP]: STACK.start, 16: 0x6fff_f000n };
    const { mappings } = readCoreAsSnapshot(
      trimmed(madeSnapshot({ registers, mappings: [neighbor, STACK] })).bytes,
    );
    assert.deepEqual(
      mappings.slice(0, 2).map(({ start, end }) => [start, end]),
      [
        [neighbor.start, neighbor.end],
        [STACK.start, STACK.start + 0xf_0000n],
      ],
    );
  });

  test('of an overflow without return addresses keeps all of its 8 MiB', () => {
    const snapshot = madeSnapshot({ registers: { [SP]: STACK.start - 64n }, mappings: [STACK] });
    const { sizeBytes, problems } = trimmed(snapshot);
    assert.ok(sizeBytes > 8 * 1024 * 1024 && sizeBytes < 8.1 * 1024 * 1024);
    assert.deepEqual(problems, []);
  });

  test('is never bigger than it may be, and the crashing thread comes first', () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      start: BigInt(index) * 0x10_0000n + 0x1_0000_0000n,
      end: BigInt(index) * 0x10_0000n + 0x1_0001_0000n,
      executable: index % 2 === 0,
      name: index % 3 === 0 ? `/lib/${'x'.repeat(index)}.so` : '',
    }));
    const snapshot = madeSnapshot({
      registers: { [SP]: STACK.start + 8n },
      mappings: [STACK, ...many],
      threads: 500,
    });
    for (const maxBytes of [20_000, 100_000, 1_000_000, 3_000_000]) {
      const { sizeBytes, bytes, problems } = trimmed(snapshot, maxBytes);
      assert.ok(sizeBytes <= Math.max(maxBytes, 64 * 1024), `${sizeBytes} of ${maxBytes}`);
      assert.ok(
        maxBytes < 60_000 || problems.includes('size-limit') || problems.includes('threads-left-out'),
      );
      assert.equal(readCoreAsSnapshot(bytes).crashingTid, 100);
    }
  });

  test('says what it lacks', () => {
    assert.ok(
      trimmed(madeSnapshot({ registers: { [SP]: 5n }, mappings: [STACK] })).problems.includes('no-stack'),
    );
  });
});

test('PN_XNUM: more segments than the header can count', () => {
  const mapping = {
    ...STACK,
    readable: true,
    writable: true,
    executable: false,
    offset: 0n,
    inode: 0n,
    name: '',
  };
  const segments = Array.from({ length: 70_000 }, (_, index) => ({
    mapping,
    address: BigInt(index) * 8192n,
    sizeBytes: 4096n,
    pieces: [],
  }));
  const [note] = [Buffer.from(trimmed(madeSnapshot({ mappings: [] })).bytes)];
  const notes = note.subarray(64 + 56, 64 + 56 + 356 + 156 + 148);
  const { mappings } = readCoreAsSnapshot(Buffer.concat(coreImage('x86-64', notes, segments, 4096)));
  assert.equal(mappings.length, 70_000);
  assert.equal(mappings.at(-1)?.start, 69_999n * 8192n);
});

test('a damaged core is refused or trimmed again, soon, and nothing else is thrown', () => {
  const mappings = [
    { start: 0x40_0000n, end: 0x40_3000n, executable: true, name: '/srv/shop' },
    { ...STACK, end: STACK.start + 0x4000n },
  ];
  const auxv = pack(['u64', 6], ['u64', 4096], ['u64', 3], ['u64', 0x40_0040n], ['u64', 5], ['u64', 3]);
  const whole = trimmed(
    madeSnapshot({ mappings, auxv, threads: 2, registers: { [SP]: STACK.start + 64n } }),
  ).bytes;
  const change = fc.record({ at: fc.nat(1600), value: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(whole.length), (changes, length) => {
      const damaged = Buffer.from(length % 3 === 0 ? whole.subarray(0, length) : whole);
      for (const { at, value } of changes) if (at < damaged.length) damaged[at] = value;
      try {
        const { sizeBytes } = writeTrimmedCore(readCoreAsSnapshot(damaged));
        assert.ok(sizeBytes <= 16 * 1024 * 1024);
      } catch (error) {
        if (!(error instanceof CrashmonError && error.code === 'BAD_RECORD')) throw error;
      }
    }),
    { numRuns: inputs(1000) },
  );
});
