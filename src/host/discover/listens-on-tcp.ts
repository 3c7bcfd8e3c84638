import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { parseTcpListeners } from '../../formats/procfs/tcp-listeners.ts';

/**
 * Does one of these processes have a listening TCP socket, its own or one that it was given (socket activation, a cluster)?
 * null if no descriptor could be read: the processes belong to another user, or have ended.
 */
export function listensOnTcp(pids: readonly number[]): boolean | null {
  /** By network namespace: a service can have its own. */
  const listeners = new Map<string, ReadonlySet<string>>();
  let isKnown = false;
  for (const pid of pids) {
    const sockets = socketsOf(pid);
    if (sockets === null) continue;
    isKnown = true;
    if (sockets.length === 0) continue;
    const namespace = link(`/proc/${pid}/ns/net`) ?? '';
    const known = listeners.get(namespace) ?? listenersSeenBy(pid);
    listeners.set(namespace, known);
    if (sockets.some((inode) => known.has(inode))) return true;
  }
  return isKnown ? false : null;
}

function listenersSeenBy(pid: number): ReadonlySet<string> {
  return new Set(['tcp', 'tcp6'].flatMap((name) => [...parseTcpListeners(read(`/proc/${pid}/net/${name}`))]));
}

function socketsOf(pid: number): string[] | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${fd}`) ?? '')?.[1];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return null;
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
