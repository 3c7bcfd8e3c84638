export type RootMount = { type: string; options: string[] };

/** The file system of `/` in `/proc/<pid>/mountinfo` (proc(5)), with its own options; null if it is not there. */
export function rootMountOptions(mountinfo: string): RootMount | null {
  for (const line of mountinfo.split('\n').toReversed()) {
    const [before = '', after = ''] = line.split(' - ');
    if (before.split(' ')[4] !== '/') continue;
    const [type = '', , options = ''] = after.split(' ');
    return { type, options: options.split(',') };
  }
  return null;
}
