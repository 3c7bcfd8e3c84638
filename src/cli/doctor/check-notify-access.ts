import { listJournals } from '../../journal/list-journals.ts';
import { openJournalReadOnly } from '../../journal/open-journal-read-only.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { isAlive } from '../../worker/process-info.ts';
import { refusedNotifications } from '../../worker/refused-notifications.ts';
import type { CliContext } from '../context.ts';
import { type Check, warning } from './check.ts';

/**
 * Whether systemd accepts notifications (sd_notify) from running workers and from one started here. Empty if no unit
 * expects any.
 */
export async function checkNotifyAccess(
  stateDir: string | null,
  app: string | null,
  { env }: CliContext,
): Promise<Check[]> {
  const pids: (number | 'self')[] = env.NOTIFY_SOCKET === undefined ? [] : ['self'];
  const refused = await Promise.all(
    [...pids, ...runningAgents(stateDir, app)].map((pid) => refusedNotifications(pid)),
  );
  const units = new Map(refused.flatMap((found) => (found === null ? [] : [[found.unit, found.access]])));
  return Array.from(units, ([unit, access]) =>
    warning(
      'notify-access',
      `systemd ignores notifications from the worker of ${unit} (NotifyAccess=${access}), readiness and watchdog included.`,
      `Add NotifyAccess=all to its [Service] section: the unit's main process is crashmon.`,
    ),
  );
}

function runningAgents(stateDir: string | null, app: string | null): number[] {
  if (stateDir === null) return [];
  try {
    return listJournals(stateDir)
      .filter((journal) => app === null || journal.app === app)
      .flatMap(({ directory }) => agentOf(directory) ?? []);
  } catch (error) {
    if (error instanceof CrashmonError) return [];
    throw error;
  }
}

/** null if none is running; another check reports unreadable journals. */
function agentOf(directory: string): number | null {
  try {
    using journal = openJournalReadOnly(directory);
    const agent = journal?.agent() ?? null;
    if (agent === null || agent.startTicks === null) return null;
    return isAlive(agent.pid, agent.startTicks) ? agent.pid : null;
  } catch (error) {
    if (error instanceof CrashmonError) return null;
    throw error;
  }
}
