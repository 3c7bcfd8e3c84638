import { test } from 'node:test';
import fc from 'fast-check';
import { inputs } from '../../../test/support/rounds.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { parseAuxiliaryVector } from './auxiliary-vector.ts';
import { parseMappedFiles } from './core-notes.ts';
import { findDynamicSymbol } from './dynamic-symbol.ts';
import { readElfHeader } from './elf-header.ts';
import { readGoBuildInfo } from './go-build-info.ts';
import { readGoTables } from './go-tables.ts';
import { readLinkMap } from './link-map.ts';
import { readLoadedImage } from './loaded-image.ts';
import { type ReadBytes, readerOfBytes, readText } from './memory-reader.ts';
import { parseNotes } from './notes.ts';
import { readProgramHeaders } from './program-header.ts';
import { readRustTables, readRustVersion } from './rust-tables.ts';

/** Memory that answers everywhere, with the same few bytes over and over. */
const endless =
  (pattern: Uint8Array): ReadBytes =>
  (address, length) =>
    Uint8Array.from(
      { length },
      (_, index) => pattern[Number((address + BigInt(index)) % BigInt(pattern.length))] ?? 0,
    );

const magic = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc.uint8Array({ maxLength: 600 }).map((rest) => Uint8Array.from([...magic, ...rest])),
);
const reader = fc.oneof(
  bytes.map(readerOfBytes),
  fc.uint8Array({ minLength: 1, maxLength: 64 }).map(endless),
  fc
    .uint8Array({ minLength: 56, maxLength: 128 })
    .map((rest) => endless(Uint8Array.from([...magic, ...rest]))),
);
const address = fc.oneof(fc.bigInt({ min: 0n, max: 600n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));

function onlyBadRecord(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof CrashmonError && error.code === 'BAD_RECORD')) throw error;
  }
}

test('parsers of notes end, and throw nothing but BAD_RECORD', () => {
  fc.assert(
    fc.property(bytes, (input) => {
      onlyBadRecord(() => parseNotes(input));
      onlyBadRecord(() => parseNotes(input, 8));
      onlyBadRecord(() => parseMappedFiles(input));
      parseAuxiliaryVector(input);
    }),
    { numRuns: inputs(2000) },
  );
});

test('readers of images end, and throw nothing but BAD_RECORD', () => {
  fc.assert(
    fc.property(reader, address, fc.bigInt({ min: 0n, max: 300n }), (read, base, count) => {
      onlyBadRecord(() => readElfHeader(read));
      onlyBadRecord(() => readProgramHeaders(read, base, Number(count)));
      onlyBadRecord(() => readText(read, base, 5000));
      const image = { bias: base, headers: [] as ReturnType<typeof readProgramHeaders> };
      onlyBadRecord(() => image.headers.push(...readProgramHeaders(read, base, Number(count % 8n))));
      onlyBadRecord(() => image.headers.push(...readLoadedImage(read, base).headers));
      onlyBadRecord(() => findDynamicSymbol(read, image, '__abort_msg'));
      const auxv = new Map([
        [3, base],
        [5, count],
      ]);
      onlyBadRecord(() => readLinkMap(read, auxv));
    }),
    { numRuns: inputs(500) },
  );
});

test('readers of names in programs end, and throw nothing but BAD_RECORD', () => {
  fc.assert(
    fc.property(reader, (read) => {
      for (const parse of [readGoTables, readGoBuildInfo, readRustTables, readRustVersion])
        onlyBadRecord(() => parse(read));
    }),
    { numRuns: inputs(2000) },
  );
});
