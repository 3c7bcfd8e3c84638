import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import { O_PATH } from '../formats/open-path-flag.ts';

/** A path by which this process opens what another one calls `path`. Where there is nothing, nothing can be opened. */
export type Locate = (path: string) => string;

/** Both have the same root directory. */
export const onHost: Locate = (path) => path;

const TEMPORARY = /^\/(?:var\/)?tmp\//;

/**
 * Where a file can be that the other process wrote, the likeliest first: `crashmon agent` has a /tmp of its own (PrivateTmp=), where
 * most services have that of the machine.
 */
export function placesOf(path: string, locate: Locate): string[] {
  const isShared = locate === onHost && TEMPORARY.test(path);
  return isShared ? [path, `/proc/1/root${path}`] : [locate(path)];
}

/** The root directory of the other process is not known, or is gone. */
export const nowhere: Locate = () => MISSING;

const MISSING = '/proc/self/fd/missing';
/** As the kernel allows. */
const MAX_LINKS = 40;
/** Open at the same time. */
const MAX_FILES = 500;

/**
 * For a process with another root directory (chroot(2), a container). Its links are the container's: no path leads out of it,
 * whatever they are, and however they change meanwhile.
 * @param rootFd its root directory
 */
export function locateBelow(rootFd: number): Locate {
  return locating(rootFd, new Map());
}

/** The same for `work` alone: what it opened is closed. */
export function withinRoot<Result>(rootFd: number, work: (locate: Locate) => Result): Result {
  const known: Opened = new Map();
  try {
    return work(locating(rootFd, known));
  } finally {
    for (const fd of known.values()) if (fd !== null) closeSync(fd);
  }
}

/** File descriptors by path; null: there is nothing. */
type Opened = Map<string, number | null>;

function locating(rootFd: number, known: Opened): Locate {
  return (path) => {
    if (!known.has(path) && known.size < MAX_FILES) known.set(path, openBelow(rootFd, path));
    const fd = known.get(path) ?? null;
    return fd === null ? MISSING : `/proc/self/fd/${fd}`;
  };
}

/** Name by name, each without following it: nothing else is certain, and Node has no openat2(2). */
function openBelow(rootFd: number, path: string): number | null {
  const opened: number[] = [];
  const rest = namesOf(path).toReversed();
  let links = 0;
  try {
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      if (name === '..') {
        const last = opened.pop();
        if (last !== undefined) closeSync(last);
        continue;
      }
      const at = `/proc/self/fd/${opened.at(-1) ?? rootFd}/${name}`;
      const fd = openSync(at, O_PATH | constants.O_NOFOLLOW);
      if (!fstatSync(fd).isSymbolicLink()) {
        opened.push(fd);
        continue;
      }
      closeSync(fd);
      links += 1;
      if (links > MAX_LINKS) return null;
      const target = readlinkSync(at);
      if (target.startsWith('/')) opened.splice(0).forEach(close);
      rest.push(...namesOf(target).toReversed());
    }
    return opened.pop() ?? null;
  } catch {
    return null;
  } finally {
    opened.forEach(close);
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function close(fd: number): void {
  closeSync(fd);
}
