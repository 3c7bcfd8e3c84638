import { spawn } from 'node:child_process';

/**
 * Sends systemd a state of this unit, e.g. `READY=1` (sd_notify(3)); does nothing where none is expected. systemd
 * accepts it with `NotifyAccess=all`: Node cannot send datagrams to a Unix socket, so another process does.
 */
export function notifySystemd({ NOTIFY_SOCKET, PATH }: NodeJS.ProcessEnv, state: string): void {
  if (NOTIFY_SOCKET === undefined) return;
  const sender = spawn('systemd-notify', [state], { stdio: 'ignore', env: { PATH, NOTIFY_SOCKET } });
  sender.on('error', () => {});
  sender.unref();
}
