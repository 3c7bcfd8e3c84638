import { unpacked } from './unpacked.ts';

/** An occurrence of a mark. */
export type Found = {
  mark: string;
  /** How it was written, from the outside in: `gzip > base64`; `plain` alone if it was not encoded. */
  how: string;
  /** Text around it, of the view in which it was found. */
  context: string;
};

const MAX_DEPTH = 4;
const CONTEXT = 48;
/** Of the bytes that are searched at any depth: a bomb ends the search with an error, never with "nothing found". */
const MAX_BYTES = 1024 * 1024 * 1024;

/**
 * Every occurrence of marks in bytes of any kind, in any case and in each of these encodings, also one inside the
 * other: UTF-16 and UTF-32 in both byte orders, base64 and base64url at any alignment and folded, hex, reversed,
 * quoted-printable, percent signs, escapes of JSON, JavaScript and shells, HTML entities, gzip, zlib, zstd, ZIP.
 *
 * @param marks 10 or more ASCII letters, digits, `_` and `-`
 */
export function findMarks(bytes: Buffer, marks: readonly string[]): Found[] {
  for (const mark of marks)
    if (!/^[\w-]{10,}$/.test(mark)) throw new Error(`${mark} is no mark: 10 letters or more`);
  const search: Search = { needles: marks.flatMap(needlesOf), found: [], bytesLeft: MAX_BYTES };
  searchIn(bytes, [], search);
  return search.found;
}

/** The same of one mark. */
export function findMark(bytes: Buffer, mark: string): Found[] {
  return findMarks(bytes, [mark]);
}

type Needle = { mark: string; how: string; bytes: Buffer; anyCase: boolean };
type Search = { needles: Needle[]; found: Found[]; bytesLeft: number };

function needlesOf(mark: string): Needle[] {
  const lower = mark.toLowerCase();
  const plain = Buffer.from(lower);
  const wide = (width: number, offset: number) => {
    const bytes = Buffer.alloc(mark.length * width);
    for (const [index, byte] of plain.entries()) bytes[index * width + offset] = byte;
    return bytes;
  };
  const cases = new Set([mark, lower, mark.toUpperCase(), mark[0]?.toUpperCase() + mark.slice(1)]);
  const needles = [
    { how: 'plain', bytes: plain, anyCase: true },
    { how: 'reversed', bytes: Buffer.from(plain.toReversed()), anyCase: true },
    { how: 'UTF-16LE', bytes: wide(2, 0), anyCase: true },
    { how: 'UTF-16BE', bytes: wide(2, 1).subarray(1), anyCase: true },
    { how: 'UTF-32', bytes: wide(4, 3).subarray(3), anyCase: true },
    { how: 'spaced', bytes: Buffer.from([...lower].join(' ')), anyCase: true },
    ...[...cases].flatMap((text) => [
      { how: 'hex', bytes: Buffer.from(Buffer.from(text).toString('hex')), anyCase: true },
      ...[0, 1, 2].map((before) => ({
        how: `base64 at ${before}`,
        bytes: base64Core(text, before),
        anyCase: false,
      })),
    ]),
  ];
  return needles.map((needle) => ({ mark, ...needle }));
}

/** Those digits that do not depend on what is around the text. Such a mark gives neither `+` nor `/`, so base64url has the same. */
function base64Core(text: string, before: number): Buffer {
  const digits = Buffer.from('\0'.repeat(before) + text).toString('base64');
  const whole = Math.floor((before + text.length) / 3) * 4;
  return Buffer.from(digits.slice(Math.ceil((before * 8) / 6), whole));
}

function searchIn(bytes: Buffer, path: readonly string[], search: Search): void {
  search.bytesLeft -= bytes.length;
  if (search.bytesLeft < 0) throw new Error('find-mark: more bytes than can be searched');
  for (const view of viewsOf(bytes)) {
    const folded = lowerCase(view.bytes);
    for (const { mark, how, bytes: needle, anyCase } of search.needles) {
      const text = anyCase ? folded : view.bytes;
      for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + needle.length)) {
        const context = view.bytes
          .subarray(Math.max(0, at - CONTEXT), at + needle.length + CONTEXT)
          .toString('latin1')
          .replaceAll(/[^\x20-\x7e]+/g, '·');
        search.found.push({ mark, how: [...path, ...view.how, how].join(' > '), context });
      }
    }
  }
  if (path.length >= MAX_DEPTH) return;
  // A folded run of base64 is one run without its line ends.
  for (const view of viewsOf(bytes).filter(({ how }) => how[0] !== 'escapes')) {
    for (const inner of unpacked(view.bytes))
      searchIn(inner.bytes, [...path, ...view.how, inner.how], search);
  }
}

type View = { how: string[]; bytes: Buffer };

/** The bytes, and what they are with one kind of encoding undone; only where that changes something. */
function viewsOf(bytes: Buffer): View[] {
  const text = bytes.toString('latin1');
  const views: View[] = [{ how: [], bytes }];
  const add = (how: string, changed: string) => {
    if (changed !== text) views.push({ how: [how], bytes: Buffer.from(changed, 'latin1') });
  };
  add('quoted-printable', text.replaceAll(/=\r?\n/g, '').replaceAll(/=([0-9A-F]{2})/gi, byCode(16)));
  add('folded', text.replaceAll(/\r?\n[ \t>]*/g, ''));
  add('escapes', unescaped(text));
  return views;
}

/** Percent signs, `\u0041`, `\x41`, `\101`, `&#65;`, `&#x41;`; twice, since one can be in the other. */
function unescaped(text: string): string {
  const once = (from: string) =>
    from
      .replaceAll(/%([0-9a-f]{2})/gi, byCode(16))
      .replaceAll(/\\+u\{?0{0,4}([0-9a-f]{2})\}?/gi, byCode(16))
      .replaceAll(/\\+x([0-9a-f]{2})/gi, byCode(16))
      .replaceAll(/\\+([0-3][0-7]{2})/g, byCode(8))
      .replaceAll(/&(?:amp;)?#x0{0,4}([0-9a-f]{2});?/gi, byCode(16))
      .replaceAll(/&(?:amp;)?#0{0,4}(\d{2,3});?/g, byCode(10));
  return once(once(text));
}

function byCode(radix: number): (whole: string, digits: string) => string {
  return (_whole, digits) => String.fromCharCode(Number.parseInt(digits, radix) & 0xff);
}

function lowerCase(bytes: Buffer): Buffer {
  const lower = Buffer.from(bytes);
  for (let at = 0; at < lower.length; at++) {
    const byte = lower[at] ?? 0;
    if (byte >= 0x41 && byte <= 0x5a) lower[at] = byte + 0x20;
  }
  return lower;
}
