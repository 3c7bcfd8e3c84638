import { spawn } from 'node:child_process';

/**
 * Notifies systemd's watchdog (`WatchdogSec=`, sd_watchdog_enabled(3)) while no worker runs that could: otherwise a
 * wait before a restart looks like a hang, and systemd ends crashmon. Does nothing where no watchdog expects this
 * process.
 */
export function feedWatchdog(env: NodeJS.ProcessEnv): Disposable {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID, PATH } = env;
  const limitMs = Number(WATCHDOG_USEC) / 1000;
  const isOurs = WATCHDOG_PID === undefined || WATCHDOG_PID === `${process.pid}`;
  if (NOTIFY_SOCKET === undefined || !isOurs || !(limitMs > 0)) return { [Symbol.dispose]() {} };
  // Node cannot send datagrams to a Unix socket.
  const feed = () => {
    const sender = spawn('systemd-notify', ['WATCHDOG=1'], { stdio: 'ignore', env: { PATH, NOTIFY_SOCKET } });
    sender.on('error', () => {});
    sender.unref();
  };
  feed();
  const timer = setInterval(feed, limitMs / 2);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      feed();
    },
  };
}
