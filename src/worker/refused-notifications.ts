import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { parseSystemdUnit, type SystemdUnit } from '../formats/procfs/systemd-unit.ts';

const ANSWER_LIMIT_MS = 2_000;

/** A unit that takes notifications (sd_notify(3)) from its main process alone, and that is crashmon. */
export type RefusedNotifications = { unit: string; access: string };

/**
 * Does systemd ignore the worker's notifications (ready, alive)? null if it does not, where the unit expects none,
 * or where there is no answer within two seconds.
 * @param pid of crashmon
 */
export async function refusedNotifications(
  pid: number | 'self',
  signal?: AbortSignal,
): Promise<RefusedNotifications | null> {
  const unit = unitOf(pid);
  if (unit === null) return null;
  const properties = await show(unit, signal);
  const access = properties.get('NotifyAccess') ?? '';
  const expects =
    /^notify/.test(properties.get('Type') ?? '') ||
    (properties.get('WatchdogUSec') ?? '0') !== '0' ||
    // Without either, systemd has it only where the unit says so.
    access !== 'none';
  return expects && /^(?:none|main|exec)$/.test(access) ? { unit: unit.name, access } : null;
}

function unitOf(pid: number | 'self'): SystemdUnit | null {
  try {
    return parseSystemdUnit(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
  } catch {
    return null;
  }
}

async function show({ name, manager }: SystemdUnit, signal?: AbortSignal): Promise<Map<string, string>> {
  const properties = ['Type', 'NotifyAccess', 'WatchdogUSec'].flatMap((property) => ['-p', property]);
  const args = [`--${manager}`, 'show', ...properties, '--', name];
  const options = { timeout: ANSWER_LIMIT_MS, killSignal: 'SIGKILL', ...(signal ? { signal } : {}) } as const;
  try {
    const { stdout } = await promisify(execFile)('systemctl', args, options);
    return new Map(
      stdout.split('\n').map((line) => {
        const [property = '', ...value] = line.split('=');
        return [property, value.join('=')];
      }),
    );
  } catch {
    return new Map();
  }
}
