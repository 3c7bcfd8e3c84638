/** What PM2 says of one of its processes; all else that it sends is the app's environment, and is dropped. */
export type Pm2Process = {
  name: string;
  /** Of PM2: the number of the process; the same for the one that replaces it. */
  pmId: number;
  /** Number among the processes of this name. */
  instance: number;
  mode: 'fork' | 'cluster';
  /** Start of the current run. */
  startedAtMs: number;
  /** Made by PM2 for each app. */
  uniqueId: string;
  /** Restarts of any cause since PM2 knows it. */
  restarts: number;
};

/** The names in the environment of a process of PM2 that say which it is. */
export const PROCESS_VARIABLES: readonly string[] = [
  ...['name', 'pm_id', 'NODE_APP_INSTANCE', 'exec_mode', 'pm_uptime', 'unique_id', 'restart_time'],
  'pm2_env',
];

/** null for anything that PM2 does not write. */
export function toPm2Process(fields: Record<string, unknown>): Pm2Process | null {
  const name = text(fields.name, 100);
  const uniqueId = text(fields.unique_id, 100);
  // A process that a reload replaces is called `_old_1`.
  const pmId = count(`${fields.pm_id}`.replace(/^_old_/, ''));
  const startedAtMs = count(fields.pm_uptime);
  const mode = /^(fork|cluster)_mode$/.exec(`${fields.exec_mode}`)?.[1];
  if (name === null || uniqueId === null || pmId === null || startedAtMs === null || mode === undefined)
    return null;
  return {
    ...{ name, uniqueId, pmId, startedAtMs },
    mode: mode === 'fork' ? 'fork' : 'cluster',
    instance: count(fields.NODE_APP_INSTANCE) ?? 0,
    restarts: count(fields.restart_time) ?? 0,
  };
}

function text(value: unknown, longest: number): string | null {
  return typeof value === 'string' && value !== '' && value.length <= longest ? value : null;
}

function count(value: unknown): number | null {
  return /^\d{1,15}$/.test(`${value}`) ? Number(value) : null;
}
