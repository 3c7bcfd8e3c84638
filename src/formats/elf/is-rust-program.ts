import type { ReadBytes } from './memory-reader.ts';
import { readSections } from './sections.ts';

const MAX_COMMENT_BYTES = 64 * 1024;

/**
 * Was an ELF file made by rustc? Its version is in `.comment`, which `strip` leaves in. A program of another language
 * with Rust code in it counts as well. False for anything that cannot be read; never throws.
 */
export function isRustProgram(read: ReadBytes): boolean {
  try {
    const comment = readSections(read).find(({ name }) => name === '.comment');
    if (comment === undefined) return false;
    const bytes = read(comment.offset, Math.min(comment.sizeBytes, MAX_COMMENT_BYTES));
    return Buffer.from(bytes).includes('rustc version ');
  } catch {
    return false;
  }
}
