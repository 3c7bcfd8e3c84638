import type { Mapping } from '../../model/process-snapshot.ts';
import type { Segment } from './wanted-memory.ts';

/** A process that maps more pieces of generated code than this has most of it in the first ones. */
const MAX_SEGMENTS = 1024;

/**
 * Adds segments without content for executable memory that is no file's. Without them elfutils takes an address in
 * generated code (V8, the JVM) for one of the library that lies below it.
 */
export function withGeneratedCode(segments: readonly Segment[], mappings: readonly Mapping[]): Segment[] {
  const all = [...segments];
  for (const mapping of mappings) {
    if (!mapping.executable || mapping.name.startsWith('/')) continue;
    let start = mapping.start;
    for (const segment of segments) {
      if (segment.mapping !== mapping) continue;
      if (segment.address > start) all.push(empty(mapping, start, segment.address));
      start = segment.address + segment.sizeBytes;
    }
    if (start < mapping.end) all.push(empty(mapping, start, mapping.end));
    if (all.length >= segments.length + MAX_SEGMENTS) break;
  }
  return all.sort((a, b) => (a.address < b.address ? -1 : 1));
}

function empty(mapping: Mapping, start: bigint, end: bigint): Segment {
  return { mapping, address: start, sizeBytes: end - start, pieces: [] };
}

/** What the headers of those segments take at most, in bytes. */
export function generatedCodeBytes(mappings: readonly Mapping[]): number {
  const pieces = mappings.filter(({ executable, name }) => executable && !name.startsWith('/')).length;
  return Math.min(pieces, MAX_SEGMENTS) * 2 * 56 + 4096;
}
