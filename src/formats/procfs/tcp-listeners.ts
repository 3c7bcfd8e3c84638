/** State of a listening socket. */
const LISTEN = '0A';

/** Inodes of the listening sockets in `/proc/<pid>/net/tcp` or `tcp6` (proc_pid_net(5)). */
export function parseTcpListeners(text: string): Set<string> {
  const inodes = new Set<string>();
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const inode = fields[9] ?? '';
    if (fields[3] === LISTEN && /^[1-9]\d*$/.test(inode)) inodes.add(inode);
  }
  return inodes;
}
