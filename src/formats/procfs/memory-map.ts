import type { Mapping } from '../../model/process-snapshot.ts';

/** The kernel allows 65530 mappings by default. */
const MAX_MAPPINGS = 200_000;

const LINE =
  /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-])([w-])([x-])[ps] ([0-9a-f]{1,16}) [0-9a-f]+:[0-9a-f]+ (\d{1,20}) *(.*)$/;

/**
 * Parses `/proc/<pid>/maps` (proc_pid_maps(5)), in ascending order as the kernel writes it. Other lines are
 * left out: the text may end in the middle of one.
 */
export function parseMemoryMap(text: string): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of text.split('\n')) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, start = '', end = '', r, w, x, offset = '', inode = '', name = ''] = match;
    const mapping = {
      start: BigInt(`0x${start}`),
      end: BigInt(`0x${end}`),
      readable: r === 'r',
      writable: w === 'w',
      executable: x === 'x',
      offset: BigInt(`0x${offset}`),
      inode: BigInt(inode),
      name: unescapeNewline(name),
    };
    if (mapping.end > mapping.start) mappings.push(mapping);
    if (mappings.length >= MAX_MAPPINGS) break;
  }
  return mappings;
}

/** The only character that the kernel escapes. */
function unescapeNewline(name: string): string {
  return name.replaceAll('\\012', '\n');
}
