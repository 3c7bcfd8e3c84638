import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { findMark } from './sweep/find-mark.ts';

const MARK = 'zqkvmxwjhb';
const each = (text: string, write: (code: string) => string, radix = 16) =>
  [...text].map((letter) => write((letter.codePointAt(0) ?? 0).toString(radix))).join('');
const folded = (text: string, width: number, by = '\r\n') =>
  text.match(new RegExp(`.{1,${width}}`, 'gs'))?.join(by) ?? '';
const utf32 = (text: string) =>
  Buffer.from([...text].flatMap((letter) => [letter.codePointAt(0) ?? 0, 0, 0, 0]));

/** A text with the mark in it, in every way that a program could write it by mistake. */
const WAYS: Record<string, (text: string) => Buffer | string> = {
  plain: (text) => text,
  'upper case': (text) => text.toUpperCase(),
  reversed: (text) => [...text].toReversed().join(''),
  'UTF-16LE': (text) => Buffer.from(text, 'utf16le'),
  'UTF-16BE': (text) => Buffer.from(text, 'utf16le').swap16(),
  'UTF-32LE': utf32,
  'UTF-32BE': (text) => utf32(text).swap32(),
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'base64 of upper case': (text) => Buffer.from(text.toUpperCase()).toString('base64'),
  'base64, as mails fold it': (text) => folded(Buffer.from(text).toString('base64'), 7),
  'base64 of UTF-16': (text) => Buffer.from(text, 'utf16le').toString('base64'),
  hex: (text) => Buffer.from(text).toString('hex'),
  'hex in upper case': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'percent signs': (text) => each(text, (code) => `%${code}`),
  'percent signs, twice': (text) => each(text, (code) => `%25${code}`),
  'escapes of JSON': (text) => each(text, (code) => `\\u00${code}`),
  'escapes of JSON in JSON': (text) => JSON.stringify(each(text, (code) => `\\u00${code}`)),
  'escapes of JavaScript': (text) => each(text, (code) => `\\x${code}`),
  'octal escapes': (text) => each(text, (code) => `\\${code.padStart(3, '0')}`, 8),
  'hex entities': (text) => each(text, (code) => `&#x${code};`),
  'decimal entities': (text) => each(text, (code) => `&#${code};`, 10),
  'entities, escaped again': (text) => each(text, (code) => `&amp;#x${code};`),
  'quoted-printable': (text) => each(text, (code) => `=${code.toUpperCase()}`),
  'quoted-printable, folded in it': (text) => folded(text, 4, '=\r\n'),
  'a folded header': (text) => folded(text, 5, '\r\n '),
  gzip: (text) => gzipSync(text),
  zlib: (text) => deflateSync(text),
  zstd: (text) => zstdCompressSync(text),
  'zstd with a checksum': (text) => zstdCompressSync(text, { params: { 201: 1 } }),
  'gzip that was cut': (text) => gzipSync(text.repeat(40)).subarray(0, -12),
  ZIP: (text) => {
    const packed = deflateRawSync(text);
    const header = Buffer.alloc(30);
    header.write('PK\x03\x04', 'latin1');
    header.writeUInt16LE(8, 8);
    header.writeUInt32LE(packed.length, 18);
    return Buffer.concat([header, packed]);
  },
};

describe('findMark', () => {
  for (const [name, write] of Object.entries(WAYS)) {
    test(`finds it as ${name}`, () => {
      for (const before of ['', 'a', 'ab', 'abc']) {
        const bytes = Buffer.from(write(`${before}${MARK}-Argv-${MARK}, paid with it`));
        assert.notDeepEqual(findMark(bytes, MARK), [], `after "${before}"`);
        // In the middle of other bytes, as in a database.
        const amid = Buffer.concat([
          Buffer.from('\x00\xff page \x00 ', 'latin1'),
          bytes,
          Buffer.alloc(64, 0x20),
        ]);
        assert.notDeepEqual(findMark(amid, MARK), [], `amid others, after "${before}"`);
      }
    });
  }

  test('finds every way inside of every packing', () => {
    const packings: [string, (bytes: Buffer) => Buffer][] = [
      ['gzip', (bytes) => gzipSync(bytes)],
      ['zstd', (bytes) => zstdCompressSync(bytes)],
      ['base64 of gzip', (bytes) => Buffer.from(gzipSync(bytes).toString('base64'))],
      ['folded base64 of zlib', (bytes) => Buffer.from(folded(deflateSync(bytes).toString('base64'), 76))],
      ['gzip of gzip', (bytes) => gzipSync(gzipSync(bytes))],
      ['hex of gzip', (bytes) => Buffer.from(gzipSync(bytes).toString('hex'))],
    ];
    for (const [way, write] of Object.entries(WAYS)) {
      for (const [packing, pack] of packings) {
        const bytes = pack(Buffer.from(write(`x ${MARK}-Heap-${MARK} y`)));
        assert.notDeepEqual(findMark(bytes, MARK), [], `${way} in ${packing}`);
      }
    }
  });

  test('says how it was written, with what is around it', () => {
    const [found] = findMark(gzipSync(`card: ${MARK}-Argv`), MARK);
    assert.deepEqual(found, { mark: MARK, how: 'gzip > plain', context: `card: ${MARK}-Argv` });
  });

  test('finds nothing where it is not, in any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        assert.deepEqual(findMark(Buffer.from(bytes), MARK), []);
      }),
    );
    assert.deepEqual(findMark(gzipSync('zqkvmxwj is a part of it'), MARK), []);
  });

  test('finds a mark like a token, which has capitals and digits', () => {
    const mark = 'cmr_Aa0-Bb1_Cc2';
    for (const way of ['plain', 'upper case', 'UTF-16LE', 'base64', 'base64url', 'hex', 'reversed', 'gzip'])
      for (const before of ['', 'x', 'xy'])
        assert.ok(findMark(Buffer.from(WAYS[way]?.(`${before}${mark}. `) ?? ''), mark).length > 0, way);
  });

  test('rejects a mark that some encoding would miss', () => {
    for (const mark of ['short', 'with a space', 'with/slash+plus', 'zqkvmxwjhé'])
      assert.throws(() => findMark(Buffer.alloc(1), mark));
  });
});
