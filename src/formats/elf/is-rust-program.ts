import type { ReadBytes } from './memory-reader.ts';
import { sectionBytes } from './section-bytes.ts';

const MAX_COMMENT_BYTES = 64 * 1024;

/**
 * Was an ELF file made by rustc? Its version is in `.comment`, which `strip` leaves in. A program of another language
 * with Rust code in it counts as well. False for anything that cannot be read; never throws.
 */
export function isRustProgram(read: ReadBytes): boolean {
  try {
    const comment = sectionBytes(read, '.comment', MAX_COMMENT_BYTES);
    return comment !== null && Buffer.from(comment).includes('rustc version ');
  } catch {
    return false;
  }
}
