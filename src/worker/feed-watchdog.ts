import { notifySystemd } from './notify-systemd.ts';

/**
 * Notifies systemd's watchdog (`WatchdogSec=`, sd_watchdog_enabled(3)): of `crashmon agent`, and of `crashmon run` while
 * no worker runs that could, where a wait before a restart looks like a hang, and systemd ends crashmon. Does nothing
 * where no watchdog expects this process.
 * @param directly sends it without another process, which takes 20 ms of processor time; returns whether it is sent
 */
export function feedWatchdog(env: NodeJS.ProcessEnv, directly: () => boolean = () => false): Disposable {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID } = env;
  const limitMs = Number(WATCHDOG_USEC) / 1000;
  const isOurs = WATCHDOG_PID === undefined || WATCHDOG_PID === `${process.pid}`;
  if (NOTIFY_SOCKET === undefined || !isOurs || !(limitMs > 0)) return { [Symbol.dispose]() {} };
  const feed = () => {
    if (!directly()) notifySystemd(env, 'WATCHDOG=1');
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
