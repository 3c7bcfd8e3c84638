import type { ProgramTables } from '../../model/last-words.ts';
import { ByteRange, type SearchBudget, searchBudget } from './byte-range.ts';
import { type ReadBytes, readFields } from './memory-reader.ts';
import { readSections, type Section } from './sections.ts';

/** `runtime/symtab.go` `pcHeader.magic`, by version. */
const GO_1_2 = 0xfffffffb;
const GO_1_16 = 0xfffffffa;
const GO_1_18 = 0xfffffff0;
const GO_1_20 = 0xfffffff1;

const MAX_NAME = 4_096;
/** The format before Go 1.16 is read as a whole. */
const MAX_OLD_TABLE_BYTES = 128 * 1024 * 1024;
/** Instances of one generic function that are looked at. */
const MAX_INSTANCES = 1_000;

/**
 * Names that an executable of Go has for its own stacks, also after `-s -w` and `strip`.
 * @returns null if there is no such table, or none of a known version. Throws BAD_RECORD if the file is damaged.
 */
export function readGoTables(read: ReadBytes): ProgramTables | null {
  const sections = readSections(read);
  const section = sections.find(({ name }) => /^(?:\.data\.rel\.ro)?\.gopclntab$/.test(name));
  const budget = searchBudget();
  const calls = section === undefined ? null : readCallTables(read, section, budget);
  if (calls === null) return null;
  const constants = sections
    .filter(({ name }) => name === '.rodata' || name === '.data.rel.ro')
    .map(({ offset, sizeBytes }) => new ByteRange(read, offset, sizeBytes, budget));
  return {
    hasFunction: remembered(calls.hasFunction),
    hasFile: remembered(calls.hasFile),
    // A type's name stands without an end between others.
    hasType: (name) =>
      name.length <= MAX_NAME && constants.some((range) => range.indexOf(Buffer.from(name)) >= 0),
  };
}

/** Most calls of a stack, and of many stacks, are of the same functions. */
function remembered(has: (name: string) => boolean): (name: string) => boolean {
  const answers = new Map<string, boolean>();
  return (name) => {
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = has(name);
    if (answers.size < MAX_ANSWERS) answers.set(name, answer);
    return answer;
  };
}

const MAX_ANSWERS = 10_000;

type CallTables = Omit<ProgramTables, 'hasType'>;

function readCallTables(read: ReadBytes, section: Section, budget: SearchBudget): CallTables | null {
  const table = new ByteRange(read, section.offset, section.sizeBytes, budget);
  const header = readFields(read, section.offset, 72, 'the table of functions');
  if (header.u8(7) !== 8) return null;
  const magic = header.u32(0);
  if (magic === GO_1_2) return section.sizeBytes > MAX_OLD_TABLE_BYTES ? null : oldTables(table);
  if (magic !== GO_1_16 && magic !== GO_1_18 && magic !== GO_1_20) return null;
  // Go 1.18 has the address of the code before the offsets.
  const offsets = magic === GO_1_16 ? 24 : 32;
  const [names, afterNames, files, afterFiles] = [0, 8, 16, 24].map((field) =>
    Number(header.u64(offsets + field)),
  ) as [number, number, number, number];
  const end = section.sizeBytes;
  if (!(names < afterNames && afterNames <= files && files < afterFiles && afterFiles <= end)) return null;
  const part = (from: number, to: number) =>
    new ByteRange(read, section.offset + BigInt(from), to - from, budget);
  const functions = part(names, afterNames);
  const sources = part(files, afterFiles);
  return {
    hasFunction: (name) => hasText(functions, name) || isInstance(functions, name),
    hasFile: (file) => hasText(sources, file),
  };
}

/** Is there a text, from one NUL to the next? */
function hasText(range: ByteRange, text: string): boolean {
  if (text === '' || text.length > MAX_NAME || text.includes('\0')) return false;
  const bytes = Buffer.from(`\0${text}\0`);
  return range.indexOf(bytes) >= 0 || range.slice(0, bytes.length - 1).equals(bytes.subarray(1));
}

/** `cart.Box[...].at` is printed for each instance, such as `cart.Box[go.shape.string_0].at`. */
function isInstance(range: ByteRange, name: string): boolean {
  const open = name.indexOf('[...]');
  if (open < 0 || name.length > MAX_NAME) return false;
  const start = Buffer.from(`\0${name.slice(0, open + 1)}`);
  let at = range.indexOf(start);
  for (let count = 0; at >= 0 && count < MAX_INSTANCES; count++) {
    const found = range.textAt(at + 1, MAX_NAME);
    if (found !== null && printed(found) === name) return true;
    at = range.indexOf(start, at + start.length);
  }
  return false;
}

/** As `runtime/symtab.go` `funcNamePiecesForPrint` shortens it. */
function printed(name: string): string {
  const open = name.indexOf('[');
  const close = name.lastIndexOf(']');
  return open < 0 || close <= open ? name : `${name.slice(0, open)}[...]${name.slice(close + 1)}`;
}

/** Before Go 1.16, names are between the functions, and found by way of them. */
function oldTables(table: ByteRange): CallTables {
  const bytes = table.slice(0, table.sizeBytes);
  const offsetAt = (at: number) => (at + 8 <= bytes.length ? Number(bytes.readBigUInt64LE(at)) : 0);
  const intAt = (at: number) => (at >= 0 && at + 4 <= bytes.length ? bytes.readUInt32LE(at) : 0);
  const textAt = (at: number) => {
    const end = at <= 0 || at >= bytes.length ? -1 : bytes.indexOf(0, at);
    return end < 0 || end - at > MAX_NAME ? '' : bytes.toString('utf8', at, end);
  };
  const most = Math.floor(bytes.length / 16);
  const count = Math.min(offsetAt(8), most);
  const functions = new Set<string>();
  for (let index = 0; index < count; index++) {
    functions.add(textAt(intAt(offsetAt(16 + index * 16 + 8) + 8)));
  }
  const filesAt = intAt(16 + count * 16 + 8);
  const fileCount = Math.min(intAt(filesAt), most);
  const files = new Set<string>();
  for (let index = 1; index < fileCount; index++) files.add(textAt(intAt(filesAt + index * 4)));
  return {
    // Inlined functions are in no list, but their names are there.
    hasFunction: (name) => functions.has(name) || hasText(table, name),
    hasFile: (file) => files.has(file),
  };
}
