import { refusedNotifications } from '../worker/refused-notifications.ts';
import type { Emit } from './agent-event.ts';

/**
 * Reports that systemd ignores the worker's notifications, which it would take from a worker started without crashmon.
 */
export async function warnOfRefusedNotifications(
  env: NodeJS.ProcessEnv,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  if (env.NOTIFY_SOCKET === undefined) return;
  const refused = await refusedNotifications('self', signal);
  if (refused === null || signal.aborted) return;
  const { unit, access } = refused;
  const message =
    `systemd ignores notifications from the worker, readiness and watchdog included: ${unit} has ` +
    `NotifyAccess=${access}, and its main process is crashmon. Add NotifyAccess=all to its [Service] section.`;
  emit({ event: 'problem', message });
}
