import { readProcessStat } from './process-info.ts';

/**
 * Signals that request a stop (SIGQUIT: the graceful one in images and units of several servers), and those forwarded.
 */
export const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
export const PASSED_ON_SIGNALS = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;
/** systemd sends it to a service that has not notified its watchdog in time (`WatchdogSec=`). */
export const WATCHDOG_SIGNAL = 'SIGABRT';

const FOREGROUND_SIGNALS: readonly string[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH'];

/**
 * Decides whether the terminal itself sent a signal, so that the worker (in the same process group) has it already.
 * Forwarding it would make one Ctrl-C two, and many servers stop immediately at the second. Node does not reveal the
 * sender, so this goes by what a terminal does. It sends SIGINT, SIGQUIT and SIGWINCH to its foreground group; when it
 * hangs up, it is gone, the leader of the session gets SIGHUP alone, and the others get theirs from the leader.
 */
export function terminalSense(): (signal: string, worker: number) => boolean {
  let mayHangUp = (readProcessStat(process.pid)?.terminal ?? 0) !== 0;
  return (signal, worker) => {
    const self = readProcessStat(process.pid);
    // A worker that was taken over can be in the group of an earlier crashmon.
    if (self === null || readProcessStat(worker)?.processGroup !== self.processGroup) return false;
    if (FOREGROUND_SIGNALS.includes(signal)) {
      return self.terminalGroup > 0 && self.terminalGroup === self.processGroup;
    }
    if (signal !== 'SIGHUP' || !mayHangUp || self.terminal !== 0) return false;
    mayHangUp = false;
    // Process 1 of a container forwards it to us alone.
    if (self.session === 1 && self.ppid === 1) return false;
    return self.session !== self.pid;
  };
}
