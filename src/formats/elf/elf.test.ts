import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pack, place } from '../../../test/support/native/pack.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { pageSizeOf, parseAuxiliaryVector } from './auxiliary-vector.ts';
import { parseMappedFiles } from './core-notes.ts';
import { findDynamicSymbol } from './dynamic-symbol.ts';
import { readElfHeader } from './elf-header.ts';
import { readLinkMap } from './link-map.ts';
import { readLoadedImage } from './loaded-image.ts';
import { readerOfBytes, readText } from './memory-reader.ts';
import { parseNotes } from './notes.ts';
import { readProgramHeaders } from './program-header.ts';

const badRecord = (error: unknown) => error instanceof CrashmonError && error.code === 'BAD_RECORD';

type HeaderFields = { type?: number; count?: number; sections?: number; entrySize?: number };

/** Elf64_Ehdr as the gABI lists it. */
function elfHeader({ type = 3, count = 0, sections = 0, entrySize = 56 }: HeaderFields): Buffer {
  return pack(
    Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ['u16', type],
    ['u16', 62],
    ['u32', 1],
    ['u64', 0x1234],
    ['u64', 64],
    ['u64', sections],
    ['u32', 0],
    ['u16', 64],
    ['u16', entrySize],
    ['u16', count],
    ['u16', 64],
    ['u16', sections === 0 ? 0 : 1],
    ['u16', 0],
  );
}

/** Elf64_Phdr. */
function programHeader(type: number, address: number, size: number, offset = address, flags = 4): Buffer {
  const sizes = [
    ['u64', size],
    ['u64', size],
  ] as const;
  return pack(['u32', type], ['u32', flags], ['u64', offset], ['u64', address], ['u64', address], ...sizes, [
    'u64',
    4,
  ]);
}

function note(name: string, type: number, description: Uint8Array): Buffer {
  const pad = (size: number) => Buffer.alloc((4 - (size % 4)) % 4);
  const sizes = [
    ['u32', name.length + 1],
    ['u32', description.length],
  ] as const;
  return pack(
    ...sizes,
    ['u32', type],
    `${name}\0`,
    pad(name.length + 1),
    description,
    pad(description.length),
  );
}

describe('header', () => {
  test('of a file and where its program headers are', () => {
    const bytes = Buffer.concat([elfHeader({ type: 4, count: 2 }), programHeader(1, 0x1000, 5, 0x2000, 5)]);
    const read = readerOfBytes(bytes);
    const header = readElfHeader(read);
    assert.deepEqual(header, { type: 4, elfMachine: 62, programHeadersOffset: 64n, programHeaderCount: 2 });
    assert.deepEqual(readProgramHeaders(read, 64n, 1), [
      {
        type: 1,
        flags: 5,
        offset: 0x2000n,
        address: 0x1000n,
        fileSizeBytes: 5n,
        memorySizeBytes: 5n,
        align: 4n,
      },
    ]);
    assert.throws(() => readProgramHeaders(read, 64n, 2), badRecord);
  });

  test('PN_XNUM: the count of a core of more than 65,534 mappings is in section header 0', () => {
    const section = pack(Buffer.alloc(44), ['u32', 70_000], Buffer.alloc(16));
    const bytes = Buffer.concat([elfHeader({ count: 0xffff, sections: 64 }), section]);
    assert.equal(readElfHeader(readerOfBytes(bytes)).programHeaderCount, 70_000);
    assert.throws(() => readElfHeader(readerOfBytes(bytes.subarray(0, 100))), badRecord);
  });

  test('of something else is refused', () => {
    for (const [at, value] of [
      [0, 0],
      [4, 1],
      [5, 2],
    ] as const) {
      const bytes = elfHeader({ count: 1 });
      bytes[at] = value;
      assert.throws(() => readElfHeader(readerOfBytes(bytes)), badRecord);
    }
    assert.throws(() => readElfHeader(readerOfBytes(elfHeader({ count: 1, entrySize: 32 }))), badRecord);
    assert.throws(() => readElfHeader(readerOfBytes(new Uint8Array(63))), badRecord);
  });
});

describe('notes', () => {
  test('have padded names and descriptions; one that is cut ends the list', () => {
    const bytes = Buffer.concat([note('CORE', 1, Buffer.from('abcde')), note('LINUX', 2, Buffer.from('xy'))]);
    const names = (from: Uint8Array) => parseNotes(from).map(({ name, type }) => `${name} ${type}`);
    assert.deepEqual(names(bytes), ['CORE 1', 'LINUX 2']);
    assert.deepEqual(Buffer.from(parseNotes(bytes)[0]?.description ?? []).toString(), 'abcde');
    assert.deepEqual(names(bytes.subarray(0, bytes.length - 4)), ['CORE 1']);
    assert.deepEqual(names(Buffer.concat([bytes, Buffer.alloc(11)])), ['CORE 1', 'LINUX 2']);
  });

  test('of mapped files: offsets count in pages', () => {
    const numbers = [2, 4096, 0x1000, 0x2000, 0, 0x5000, 0x6000, 3].map((value) => ['u64', value] as const);
    const bytes = pack(...numbers, '/a\0/b c (deleted)\0');
    assert.deepEqual(parseMappedFiles(bytes), [
      { start: 0x1000n, end: 0x2000n, offset: 0n, name: '/a' },
      { start: 0x5000n, end: 0x6000n, offset: 0x3000n, name: '/b c (deleted)' },
    ]);
    assert.throws(() => parseMappedFiles(bytes.subarray(0, bytes.length - 1)), badRecord);
    assert.throws(() => parseMappedFiles(pack(['u64', 2n ** 60n], ['u64', 4096])), badRecord);
  });

  test('auxiliary vector ends at AT_NULL; a page has 4096 bytes unless it says better', () => {
    const vector = pack(['u64', 6], ['u64', 16384], ['u64', 0], ['u64', 0], ['u64', 3], ['u64', 1]);
    assert.deepEqual(parseAuxiliaryVector(vector), new Map([[6, 16384n]]));
    assert.equal(pageSizeOf(parseAuxiliaryVector(vector)), 16384);
    assert.equal(pageSizeOf(new Map([[6, 1n]])), 4096);
  });
});

/** A library at 0x10000, linked to 0, with its build ID and two symbols; glibc relocates the dynamic section, musl not. */
function library(hash: 'gnu' | 'sysv', relocated: boolean): Buffer {
  const base = 0x10000;
  const at = (address: number) => (relocated ? base : 0) + address;
  const headers = [programHeader(1, 0, 0x1000, 0), programHeader(2, 0x400, 96), programHeader(4, 0x200, 36)];
  const symbol = (name: number, section: number, value: number) =>
    pack(['u32', name], ['u8', 17], ['u8', 0], ['u16', section], ['u64', value], ['u64', 8]);
  // One bucket holds both symbols; the lowest bit of the last one ends the chain.
  const gnu = pack(
    ['u32', 1],
    ['u32', 1],
    ['u32', 1],
    ['u32', 6],
    ['u64', -1n],
    ['u32', 1],
    ['u32', gnuHash('other') & ~1],
    ['u32', gnuHash('__abort_msg') | 1],
  );
  const sysv = pack(['u32', 1], ['u32', 3], ['u32', 1], ['u32', 0], ['u32', 2], ['u32', 0]);
  const dynamic = [
    [hash === 'gnu' ? 0x6ffffef5 : 4, at(0x500)],
    [5, at(0x600)],
    [6, at(0x700)],
    [0, 0],
  ].flatMap(([tag = 0, value = 0]) => [['u64', tag] as const, ['u64', value] as const]);
  return place(
    {
      [base]: pack(elfHeader({ count: 3 }), ...headers),
      [base + 0x200]: note('GNU', 3, Buffer.from('00112233445566778899aabbccddeeff00112233', 'hex')),
      [base + 0x400]: pack(...dynamic),
      [base + 0x500]: hash === 'gnu' ? gnu : sysv,
      [base + 0x600]: pack('\0__abort_msg\0other\0'),
      [base + 0x700]: pack(symbol(0, 0, 0), symbol(13, 1, 0x900), symbol(1, 1, 0x908)),
    },
    0x12000,
  );
}

/** As in the GNU loader's description, with whole numbers. */
function gnuHash(name: string): number {
  let hash = 5381n;
  for (const byte of Buffer.from(name)) hash = (hash * 33n + BigInt(byte)) % 2n ** 32n;
  return Number(hash);
}

describe('an image in memory', () => {
  for (const hash of ['gnu', 'sysv'] as const) {
    for (const relocated of [true, false]) {
      test(`finds symbols by ${hash} hash, ${relocated ? 'relocated' : 'as linked'}`, () => {
        const read = readerOfBytes(library(hash, relocated));
        const image = readLoadedImage(read, 0x10000n);
        assert.equal(image.bias, 0x10000n);
        assert.equal(findDynamicSymbol(read, image, '__abort_msg'), 0x10908n);
        assert.equal(findDynamicSymbol(read, image, 'other'), 0x10900n);
        assert.equal(findDynamicSymbol(read, image, 'missing'), null);
      });
    }
  }

  test('text ends at its NUL, else there is none', () => {
    const read = readerOfBytes(pack('abc\0', 'x'.repeat(300)));
    assert.equal(readText(read, 0n, 10), 'abc');
    assert.equal(readText(read, 4n, 10), null);
    assert.equal(readText(read, 4n, 1000), null);
    assert.equal(readText(read, 4000n, 10), null);
  });
});

describe('link map', () => {
  const program = (chain: Readonly<Record<number, Uint8Array>>, debug = 0x2000) =>
    readerOfBytes(
      place(
        {
          64: pack(programHeader(6, 0x40, 168), programHeader(1, 0, 0x1000), programHeader(2, 0x800, 32)),
          2048: pack(['u64', 21], ['u64', debug], ['u64', 0], ['u64', 0]),
          8192: pack(['u32', 1], ['u32', 0], ['u64', 0x3000], Buffer.alloc(24)),
          ...chain,
        },
        0x5000,
      ),
    );
  const auxv = new Map([
    [3, 0x40n],
    [5, 3n],
  ]);
  const entry = (bias: number, name: number, next: number) =>
    pack(['u64', bias], ['u64', name], ['u64', 0], ['u64', next], ['u64', 0]);

  test('lists modules and the memory they are listed in', () => {
    const chain = {
      12288: entry(0, 0x3f00, 0x3100),
      12544: entry(0x7000, 0x3f01, 0),
      16128: pack('\0/lib/x.so\0'),
    };
    const map = readLinkMap(program(chain), auxv);
    assert.deepEqual(map.modules, [
      { bias: 0n, name: '' },
      { bias: 0x7000n, name: '/lib/x.so' },
    ]);
    assert.equal(map.damaged, false);
    assert.deepEqual(map.ranges.at(-1), { address: 0x3f01n, length: 10 });
  });

  test('that goes in a circle, or away, is damaged but good up to there', () => {
    const circle = readLinkMap(program({ 12288: entry(1, 0x3f00, 0x3000) }), auxv);
    assert.deepEqual([circle.modules.length, circle.damaged], [1, true]);
    const away = readLinkMap(program({ 12288: entry(1, 0x3f00, 0xdead0000) }), auxv);
    assert.deepEqual([away.modules.length, away.damaged], [1, true]);
    assert.equal(readLinkMap(program({}, 0xdead0000), auxv).damaged, true);
    assert.deepEqual(readLinkMap(program({}, 0), auxv).modules, []);
    assert.throws(
      () =>
        readLinkMap(
          program({}),
          new Map([
            [3, 0xdead0000n],
            [5, 3n],
          ]),
        ),
      badRecord,
    );
  });
});
