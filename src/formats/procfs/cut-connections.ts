import {
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_LISTEN,
  TCP_TIME_WAIT,
  type TcpSocket,
} from './tcp-table.ts';

/** For so long the kernel keeps a connection that was closed on its side first (TCP_TIMEWAIT_LEN). */
const KEPT_MS = 60_000;

/** Connections of clients that a process has. @param inodes of its sockets */
export function openConnections(table: readonly TcpSocket[], inodes: ReadonlySet<number>): number {
  const listening = new Set(
    table.filter(({ state }) => state === TCP_LISTEN).map(({ localPort }) => localPort),
  );
  return table.filter(
    ({ state, inode, localPort }) =>
      state === TCP_ESTABLISHED && inodes.has(inode) && listening.has(localPort),
  ).length;
}

/**
 * Connections that were closed on the side of these ports in the last `sinceMs`. At the end of a process the kernel closes
 * its connections so. One with data that was not read is reset instead, and leaves nothing: it is not counted.
 */
export function closedConnections(
  table: readonly TcpSocket[],
  ports: ReadonlySet<number>,
  sinceMs: number,
): number {
  const closed = table.filter(({ state, localPort, inode, leftMs }) => {
    if (!ports.has(localPort) || inode !== 0) return false;
    if (state === TCP_FIN_WAIT1 || state === TCP_CLOSING) return true;
    const isKept = state === TCP_FIN_WAIT2 || state === TCP_TIME_WAIT;
    return isKept && leftMs !== null && KEPT_MS - leftMs <= sinceMs;
  });
  return new Set(closed.map(({ ends }) => ends)).size;
}

/** Ports on which a process listens. @param inodes of its sockets */
export function listeningPorts(table: readonly TcpSocket[], inodes: ReadonlySet<number>): Set<number> {
  const listening = table.filter(({ state, inode }) => state === TCP_LISTEN && inodes.has(inode));
  return new Set(listening.map(({ localPort }) => localPort));
}

export function isListening(table: readonly TcpSocket[], ports: ReadonlySet<number>): boolean {
  return table.some(({ state, localPort }) => state === TCP_LISTEN && ports.has(localPort));
}
