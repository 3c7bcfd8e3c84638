import { AT_PHDR, AT_PHNUM } from './auxiliary-vector.ts';
import { DT_DEBUG, readDynamicSection } from './dynamic-section.ts';
import { add, FIRST_PROGRAM_HEADER_AT, type LoadedImage } from './loaded-image.ts';
import { type ReadBytes, readFields, readText } from './memory-reader.ts';
import { PT_LOAD, PT_PHDR, readProgramHeaders } from './program-header.ts';

export type LinkedModule = { bias: bigint; name: string };

/** Where the loader keeps its list, and what the list says. */
export type LinkMap = {
  modules: LinkedModule[];
  /** Memory that a debugger reads to walk the list: dynamic section, `r_debug`, each `link_map` and its name. */
  ranges: { address: bigint; length: number }[];
  /** The list ended at something that cannot be read, went in a circle or is too long. */
  damaged: boolean;
};

const MAX_MODULES = 8192;
const MAX_NAME_BYTES = 4096;
const MAX_NAMESPACES = 16;

/**
 * Walks AT_PHDR → PT_DYNAMIC → DT_DEBUG → `r_debug` → `link_map` (link.h). Empty for a static program or before the
 * loader set it up. If a process crashes while another thread loads a library, its list is valid up to there.
 * Throws BAD_RECORD where not even the program's own headers can be read.
 */
export function readLinkMap(read: ReadBytes, auxv: ReadonlyMap<number, bigint>): LinkMap {
  const map: LinkMap = { modules: [], ranges: [], damaged: false };
  const dynamic = readDynamicSection(read, readMainImage(read, auxv));
  if (dynamic === null) return map;
  map.ranges.push({ address: dynamic.address, length: dynamic.sizeBytes });
  const seen = new Set<bigint>();
  // Namespaces of dlmopen(3) hang on the first one (r_debug_extended, r_version 2).
  let debug = dynamic.values.get(DT_DEBUG) ?? 0n;
  for (let namespaces = 0; debug !== 0n && namespaces < MAX_NAMESPACES; namespaces++) {
    const fields = structure(read, debug, 48) ?? structure(read, debug, 40);
    if (fields === null) return { ...map, damaged: true };
    map.ranges.push({ address: debug, length: fields.bytes.length });
    walk(read, fields.u64(8), map, seen);
    debug = fields.i32(0) >= 2 && fields.bytes.length >= 48 ? fields.u64(40) : 0n;
  }
  return map;
}

/** The program itself, from where the kernel put its program headers. Throws BAD_RECORD. */
function readMainImage(read: ReadBytes, auxv: ReadonlyMap<number, bigint>): LoadedImage {
  const address = auxv.get(AT_PHDR) ?? 0n;
  const count = Number(auxv.get(AT_PHNUM) ?? 0n);
  const headers = readProgramHeaders(read, address, Math.min(count, 256));
  const own = headers.find(({ type }) => type === PT_PHDR);
  const first = headers.find(({ type }) => type === PT_LOAD);
  // Static programs have no PT_PHDR; their headers follow the ELF header at the start of the first segment.
  const linked =
    own?.address ?? (first === undefined ? address : first.address - first.offset + FIRST_PROGRAM_HEADER_AT);
  return { bias: BigInt.asUintN(64, address - linked), headers };
}

function walk(read: ReadBytes, first: bigint, map: LinkMap, seen: Set<bigint>): void {
  for (let at = first; at !== 0n; ) {
    const fields = seen.has(at) || seen.size >= MAX_MODULES ? null : structure(read, at, 40);
    if (fields === null) {
      map.damaged = true;
      return;
    }
    seen.add(at);
    map.ranges.push({ address: at, length: 40 });
    const nameAt = fields.u64(8);
    const name = readText(read, nameAt, MAX_NAME_BYTES);
    if (name !== null) map.ranges.push({ address: nameAt, length: Buffer.byteLength(name) + 1 });
    map.modules.push({ bias: fields.u64(0), name: name ?? '' });
    at = fields.u64(24);
  }
}

function structure(read: ReadBytes, address: bigint, length: number) {
  try {
    return readFields(read, add(address, 0n), length, 'the link map');
  } catch {
    return null;
  }
}
