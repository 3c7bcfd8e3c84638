import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { listeningPorts, openConnections } from '../formats/procfs/cut-connections.ts';
import { parseTcpTable, type TcpSocket } from '../formats/procfs/tcp-table.ts';
import { parseUnixListeners } from '../formats/procfs/unix-listeners.ts';

/** A process with more descriptors is not looked into: it would take long. */
const MAX_DESCRIPTORS = 4_096;
/** Rows of listening sockets come first in the kernel's tables. */
const LISTENING_BYTES = 64 * 1024;
/** About 10,000 sockets. */
const MAX_TABLE_BYTES = 1_536 * 1024;

/** The sockets that a process has open, by inode; null if that cannot be read. */
export function socketInodes(pid: number): Set<number> | null {
  try {
    const names = readdirSync(`/proc/${pid}/fd`);
    if (names.length > MAX_DESCRIPTORS) return null;
    const inodes = names.map((name) =>
      Number(/^socket:\[(\d+)\]$/.exec(linkOf(pid, name))?.[1] ?? Number.NaN),
    );
    return new Set(inodes.filter(Number.isInteger));
  } catch {
    return null;
  }
}

/** TCP sockets in the network namespace of a process; null if there are too many, or they cannot be read. */
export function tcpTable(pid: number | 'self'): TcpSocket[] | null {
  const texts = ['tcp', 'tcp6'].map((name) => readStart(`/proc/${pid}/net/${name}`, MAX_TABLE_BYTES));
  if (texts.every((text) => text === null) || texts.some((text) => (text?.length ?? 0) >= MAX_TABLE_BYTES))
    return null;
  return texts.flatMap((text) => parseTcpTable(text ?? ''));
}

/** The same, of listening sockets only. */
export function listeningSockets(pid: number | 'self'): TcpSocket[] {
  return ['tcp', 'tcp6'].flatMap((name) =>
    parseTcpTable(readStart(`/proc/${pid}/net/${name}`, LISTENING_BYTES) ?? ''),
  );
}

/** Connections of clients that a process has; null if they cannot be counted, as on a Unix socket. */
export function countConnections(pid: number): number | null {
  const inodes = socketInodes(pid);
  const table = inodes === null ? null : tcpTable(pid);
  if (inodes === null || table === null) return null;
  const count = openConnections(table, inodes);
  const isKnown = count > 0 || listeningPorts(table, inodes).size > 0 || !listensOnUnix(pid, inodes);
  return isKnown ? count : null;
}

function listensOnUnix(pid: number, inodes: ReadonlySet<number>): boolean {
  const text = readStart(`/proc/${pid}/net/unix`, MAX_TABLE_BYTES) ?? '';
  return [...parseUnixListeners(text)].some((inode) => inodes.has(Number(inode)));
}

function linkOf(pid: number, name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${name}`);
  } catch {
    return '';
  }
}

/** The kernel makes these files while they are read: reading a part costs only that part. */
function readStart(path: string, most: number): string | null {
  let fd: number | null = null;
  try {
    fd = openSync(path, 'r');
    const bytes = Buffer.alloc(16 * 1024);
    let text = '';
    for (;;) {
      const got = readSync(fd, bytes, 0, bytes.length, null);
      text += bytes.toString('latin1', 0, got);
      if (got === 0 || text.length >= most) return text;
    }
  } catch {
    return null;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
