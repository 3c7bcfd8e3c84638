import { readFileSync, readlinkSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { hasEnded } from '../../formats/procfs/process-stat.ts';
import { parseProcessStatus } from '../../formats/procfs/process-status.ts';
import { listProcesses, readCommandLine, readNewestPid, readProcessStat } from '../../worker/process-info.ts';

/** A daemon of PM2 ("God"), which runs the apps of one PM2 home. */
export type God = {
  pid: number;
  parent: number;
  startTicks: number;
  uid: number;
  home: string;
  /** The same as this process reaches it: the daemon can be in a container. */
  reachableHome: string;
};

/** The title that PM2 gives its daemon; the kernel keeps only as much of it as the command line was long. */
const TITLE = /^PM2 v\d\S*: God Daemon/;
/** A process takes its title only some time after its start. */
const CHECKS = 3;

/**
 * Finds the daemons of PM2 that run now, of all users. A process that is none is looked at only a few times, and none
 * while no process is started.
 */
export class GodFinder {
  readonly #checked = new Map<number, number>();
  #newestPid = 0;
  /** Of the processes that were there when one was started last. */
  #checks = 0;

  /** Can there be daemons that the last call of `find` did not return? */
  get canFindMore(): boolean {
    const newest = readNewestPid();
    if (newest === 0 || newest !== this.#newestPid) this.#checks = 0;
    this.#newestPid = newest;
    return this.#checks < CHECKS;
  }

  find(): God[] {
    this.#checks += 1;
    const pids = listProcesses();
    const gods = pids.flatMap((pid) => {
      const checks = this.#checked.get(pid) ?? 0;
      if (checks >= CHECKS) return [];
      const god = readGod(pid);
      if (god === null) this.#checked.set(pid, checks + 1);
      return god ?? [];
    });
    const alive = new Set(pids);
    for (const pid of this.#checked.keys()) if (!alive.has(pid)) this.#checked.delete(pid);
    // A daemon that starts an app is two of the same for a moment, until the new one executes it.
    return gods.filter(({ parent }) => !gods.some(({ pid }) => pid === parent));
  }
}

function readGod(pid: number): God | null {
  if (!TITLE.test(readCommandLine(pid)[0] ?? '')) return null;
  const home = readHome(pid);
  const stat = readProcessStat(pid);
  const uid = readUid(pid);
  if (home === null || stat === null || hasEnded(stat) || uid === undefined) return null;
  const isElsewhere = link(`/proc/${pid}/ns/mnt`) !== link('/proc/self/ns/mnt');
  const reachableHome = isElsewhere ? join(`/proc/${pid}/root`, home) : home;
  return { pid, parent: stat.ppid, startTicks: stat.startTicks, uid, home, reachableHome };
}

/** Only this variable of its environment is read. */
function readHome(pid: number): string | null {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const home = entries.find((entry) => entry.startsWith('PM2_HOME='))?.slice('PM2_HOME='.length);
    return home?.startsWith('/') ? normalize(home) : null;
  } catch {
    return null;
  }
}

function readUid(pid: number): number | undefined {
  try {
    return parseProcessStatus(readFileSync(`/proc/${pid}/status`, 'utf8'))?.uid;
  } catch {
    return undefined;
  }
}

/** Our own if it cannot be read. */
function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return readlinkSync('/proc/self/ns/mnt');
  }
}
