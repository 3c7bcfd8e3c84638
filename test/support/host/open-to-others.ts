import type { SystemdHost } from '../systemd-host/systemd-host.ts';

/** User and group without any privileges. */
const OTHER = 65534;
const PLACES = ['/run/crashmon', '/run/systemd/system', '/dev/shm', '/etc/crashmon'];

/**
 * What of an agent's another user of its host can read or write: files, directories, FIFOs and sockets, by what it finds itself and by
 * what root sees that the agent has open; `read` or `write`, and the path.
 */
export async function openToOthers(host: SystemdHost, stateDir: string): Promise<string[]> {
  const pids = `$(cat /sys/fs/cgroup/system.slice/crashmon-agent.service/cgroup.procs)`;
  const open = `for pid in ${pids}; do for fd in /proc/$pid/fd/*; do readlink -f $fd || :; done; done | grep ^/ | grep -Ev '^/(dev/null|proc|sys)' | sort -u`;
  const known = (await host.must('sh', '-c', open)).split('\n').filter(Boolean);
  const script = [
    'find "$@" -readable ! -type l -printf "read %p\\n" 2>/dev/null || :',
    'find "$@" -writable ! -type l -printf "write %p\\n" 2>/dev/null || :',
    // Its memory, environment and open files.
    `for pid in ${pids}; do for file in mem environ fd maps; do ! cat /proc/$pid/$file || echo "read $file"; done; done 2>/dev/null`,
  ].join('\n');
  const as = ['setpriv', `--reuid=${OTHER}`, `--regid=${OTHER}`, '--clear-groups'];
  const text = await host.must(...(as as [string]), 'sh', '-c', script, 'sh', ...PLACES, stateDir, ...known);
  return [...new Set(text.split('\n').filter(Boolean))].toSorted();
}
