/** `__SO_ACCEPTCON` of include/linux/net.h. */
const LISTENS = 0x10000;
const STREAM = '0001';

/** Inodes of the listening stream sockets in `/proc/<pid>/net/unix` (unix(7), proc_pid_net(5)). */
export function parseUnixListeners(text: string): Set<string> {
  const inodes = new Set<string>();
  for (const line of text.split('\n')) {
    const [, , , flags = '', type, , inode = ''] = line.trim().split(/\s+/);
    const isListening = (Number.parseInt(flags, 16) & LISTENS) !== 0;
    if (type === STREAM && isListening && /^[1-9]\d*$/.test(inode)) inodes.add(inode);
  }
  return inodes;
}
