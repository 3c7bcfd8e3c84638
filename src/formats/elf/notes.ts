import { Fields } from './fields.ts';

export type Note = { name: string; type: number; description: Uint8Array };

/** A core of a process with 32,000 threads has some 130,000 notes. */
const MAX_NOTES = 1_000_000;

/**
 * Notes of a PT_NOTE segment (ELF gABI; Linux aligns to 4 bytes also in 64-bit files, but GNU properties to 8, which
 * `align` says). Ends silently where a note does not fit: a cut segment has its first notes.
 */
export function parseNotes(bytes: Uint8Array, align = 4): Note[] {
  const fields = new Fields(bytes, 'a note');
  const padded = (size: number) => Math.ceil(size / align) * align;
  const notes: Note[] = [];
  let at = 0;
  while (at + 12 <= bytes.length && notes.length < MAX_NOTES) {
    const nameSize = fields.u32(at);
    const descriptionAt = at + padded(12 + nameSize);
    const descriptionSize = fields.u32(at + 4);
    if (descriptionAt + descriptionSize > bytes.length) break;
    notes.push({
      name: fields.text(at + 12, nameSize),
      type: fields.u32(at + 8),
      description: bytes.subarray(descriptionAt, descriptionAt + descriptionSize),
    });
    at = descriptionAt + padded(descriptionSize);
  }
  return notes;
}
