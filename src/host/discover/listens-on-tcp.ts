import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { parseTcpListeners } from '../../formats/procfs/tcp-listeners.ts';
import { parseUnixListeners } from '../../formats/procfs/unix-listeners.ts';

/** Services that start together are checked together. */
const HOLDS_MS = 1_000;

/**
 * What listens, by network namespace: a service can have its own. The kernel takes milliseconds for each list, so many services
 * share one.
 */
export class TcpListeners {
  readonly #holdsMs: number;
  readonly #known = new Map<string, { readAtMs: number; inodes: ReadonlySet<string> }>();

  constructor(holdsMs = HOLDS_MS) {
    this.#holdsMs = holdsMs;
  }

  seenBy(pid: number): ReadonlySet<string> {
    const now = performance.now();
    for (const [namespace, { readAtMs }] of this.#known) {
      if (now - readAtMs > this.#holdsMs) this.#known.delete(namespace);
    }
    const namespace = link(`/proc/${pid}/ns/net`) ?? '';
    const known = this.#known.get(namespace);
    if (known !== undefined) return known.inodes;
    const inodes = listenersSeenBy(pid);
    if (namespace !== '') this.#known.set(namespace, { readAtMs: now, inodes });
    return inodes;
  }
}

/**
 * Does one of these processes have a listening TCP socket, its own or one that it was given (socket activation, a cluster)?
 * null if no descriptor could be read: the processes belong to another user, or have ended.
 */
export function listensOnTcp(pids: readonly number[], listeners: TcpListeners): boolean | null {
  let isKnown = false;
  for (const pid of pids) {
    const sockets = socketsOf(pid);
    if (sockets === null) continue;
    isKnown = true;
    if (sockets.length === 0) continue;
    const known = listeners.seenBy(pid);
    if (sockets.some((inode) => known.has(inode))) return true;
  }
  return isKnown ? false : null;
}

/** Does one of these processes have a listening Unix socket? Only asked of few. */
export function listensOnUnix(pids: readonly number[]): boolean {
  const listeners = pids.slice(0, 1).map((pid) => parseUnixListeners(read(`/proc/${pid}/net/unix`)));
  return pids.some((pid) => (socketsOf(pid) ?? []).some((inode) => listeners[0]?.has(inode)));
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
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
