import { existsSync, readdirSync } from 'node:fs';
import { hasEnded } from '../../formats/procfs/process-stat.ts';
import { readProcessStat } from '../../worker/process-info.ts';
import { readVariable } from '../../worker/read-variable.ts';
import { CGROUP_ROOTS, cgroupsIn, processesOfCgroup } from '../cgroup-files.ts';

/** A run of a user's unit that lives. */
export type UserUnit = { uid: number; unit: string; invocationId: string; pid: number; startTicks: number };

/** app.slice, and slices of the user's own. */
const MAX_DEPTH = 5;
const SERVICE = /^[\w:.\\@-]{1,250}\.service$/;

/** Users whose manager runs. @param only this user alone; null: all */
export function usersWithManager(only: number | null): number[] {
  try {
    const uids = readdirSync('/run/user')
      .filter((name) => /^\d{1,10}$/.test(name))
      .map(Number);
    return uids.filter((uid) => (only === null || uid === only) && existsSync(`/run/user/${uid}/systemd`));
  } catch {
    return [];
  }
}

/** What runs now. A process that has not executed its program yet is not found. @param unit only this one */
export function findUserUnits(uid: number, unit: string | null = null): UserUnit[] {
  const path = `user.slice/user-${uid}.slice/user@${uid}.service`;
  const root = CGROUP_ROOTS.map((one) => `${one}/${path}`).find((one) => existsSync(one));
  return root === undefined ? [] : below(root, MAX_DEPTH, uid, unit);
}

function below(directory: string, depth: number, uid: number, wanted: string | null): UserUnit[] {
  const found: UserUnit[] = [];
  for (const name of cgroupsIn(directory)) {
    const path = `${directory}/${name}`;
    const isService = SERVICE.test(name);
    if (isService && (wanted === null || wanted === name)) found.push(...(mainOf(path, uid, name) ?? []));
    else if (!isService && depth > 0) found.push(...below(path, depth - 1, uid, wanted));
  }
  return found;
}

/** The oldest process: systemd starts the others of a unit later. */
function mainOf(directory: string, uid: number, unit: string): UserUnit[] | null {
  const pids = processesOfCgroup(directory);
  const stats = pids.flatMap((pid) => readProcessStat(pid) ?? []).filter((stat) => !hasEnded(stat));
  const [main] = stats.sort((one, other) => one.startTicks - other.startTicks);
  const invocationId = main === undefined ? null : readVariable(main.pid, 'INVOCATION_ID');
  if (main === undefined || !/^[0-9a-f]{32}$/.test(invocationId ?? '')) return null;
  return [{ uid, unit, invocationId: invocationId ?? '', pid: main.pid, startTicks: main.startTicks }];
}
