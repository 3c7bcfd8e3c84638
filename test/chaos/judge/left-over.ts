import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { processes } from '../system/processes.ts';

/** What the whole system has, besides what was there before it. */
export type Things = { processes: string[]; ports: string[]; mounts: string[]; files: string[] };

/** `/proc/net/tcp`: the local address of what listens. */
const LISTENS = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ 0A /gm;
/** What crashmon keeps. */
const KEPT = /\/(?:journal\.db(?:-wal|-shm)?|lock\.db(?:-journal)?|host\/[a-z-]+\.json|.*\.log)$/;

export function thingsNow(): Things {
  return {
    processes: processes()
      .filter(({ pid }) => pid !== process.pid && pid !== 1)
      .map(({ pid, command }) => `${pid} ${command}`),
    ports: ['tcp', 'tcp6'].flatMap((name) =>
      [...readFileSync(`/proc/net/${name}`, 'utf8').matchAll(LISTENS)].map(([, port = '']) =>
        String(Number.parseInt(port, 16)),
      ),
    ),
    mounts: readFileSync('/proc/self/mounts', 'utf8').split('\n').filter(Boolean),
    files: ['/tmp', '/dev/shm'].flatMap(filesBelow).filter((file) => !isPythonTest(file)),
  };
}

export function added(before: Things, after: Things): string[] {
  return (Object.keys(before) as (keyof Things)[]).flatMap((kind) =>
    after[kind].filter((thing) => !before[kind].includes(thing)).map((thing) => `${kind}: ${thing}`),
  );
}

/** What crashmon should have deleted below its state directory: raw captures, requests, unfinished files. */
export function unexpectedFiles(stateDir: string): string[] {
  return filesBelow(stateDir).filter((file) => !KEPT.test(file));
}

/** Python tries whether it can write here, when it first needs a temporary file; a worker can be killed meanwhile. */
function isPythonTest(file: string): boolean {
  if (!/^\/tmp\/[a-z0-9_]{8}$/.test(file)) return false;
  return readFileSync(file, 'utf8') === 'blat';
}

/** Empty ones are marks, and no data. */
function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name, parentPath }) => path.join(parentPath, name))
    .filter((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0);
}
