import { type ReadBytes, readFields } from './memory-reader.ts';
import { readSections } from './sections.ts';

/** What Go's linker writes about a program; each is null if it is not there. */
export type GoBuildInfo = {
  /** `1.19.8` */
  version: string | null;
  /** Path of the main module. */
  module: string | null;
};

const MAGIC = '\u00ff Go buildinf:';
const MAX_BYTES = 1024 * 1024;
/** Around the text of the modules (cmd/go/internal/modload). */
const SENTINEL = 16;

/**
 * The section `.go.buildinfo` (`debug/buildinfo`), with its texts in place as since Go 1.18.
 * Throws BAD_RECORD if the file is damaged.
 */
export function readGoBuildInfo(read: ReadBytes): GoBuildInfo | null {
  const section = readSections(read).find(({ name }) => name === '.go.buildinfo');
  if (section === undefined) return null;
  const fields = readFields(read, section.offset, Math.min(section.sizeBytes, MAX_BYTES), 'the build info');
  const bytes = Buffer.from(fields.bytes);
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC || (fields.u8(15) & 2) === 0) return null;
  const version = textAt(bytes, 32);
  const modules = textAt(bytes, version.end).text;
  const lines = modules.slice(SENTINEL, -SENTINEL).split('\n', 1_000);
  const main = lines.find((line) => line.startsWith('mod\t'))?.split('\t')[1];
  const [, number] = /^go(\d{1,3}(?:\.\d{1,3}){1,2}(?:[a-z]+\d{1,3})?)(?: |$)/.exec(version.text) ?? [];
  return { version: number ?? null, module: main === undefined || main === '' ? null : main };
}

/** A length as a varint, then that many bytes. */
function textAt(bytes: Buffer, from: number): { text: string; end: number } {
  let length = 0;
  let at = from;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++] ?? 0;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  return { text: bytes.toString('utf8', at, at + length), end: at + length };
}
