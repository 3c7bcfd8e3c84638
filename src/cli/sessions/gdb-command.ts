import type { DumpFacts } from '../../model/dump.ts';
import { line } from '../render/safe-text.ts';

/** Opens a dump with the program, whose symbols gdb then finds; all threads at once. */
export function gdbCommand({ executable }: Pick<DumpFacts, 'executable'>, core: string): string {
  return `gdb -ex 'thread apply all backtrace' ${shellWord(executable)} ${shellWord(core)}`;
}

export function shellWord(word: string): string {
  const shown = line(word);
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}
