import { readProcessStat } from './process-info.ts';

/** Signals that ask for a stop (SIGQUIT: the graceful one of several servers' images and units), and those passed on. */
export const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
export const PASSED_ON_SIGNALS = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;
/** systemd sends it where a service has not told in time that it is alive (`WatchdogSec=`). */
export const WATCHDOG_SIGNAL = 'SIGABRT';

const FOREGROUND_SIGNALS: readonly string[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH'];

/**
 * Tells whether the terminal itself sent a signal, so that the worker (in the same process group) has it already.
 * Passing it on once more would make Ctrl-C look like two, and many servers take the second for "at once". Node does
 * not say who sent a signal, so this goes by what a terminal would do:
 * it sends SIGINT, SIGQUIT and SIGWINCH to its foreground group; when it hangs up, it is gone, the leader of the
 * session gets SIGHUP alone, and the others get theirs from the leader.
 */
export function terminalSense(): (signal: string, worker: number) => boolean {
  let mayHangUp = (readProcessStat(process.pid)?.terminal ?? 0) !== 0;
  return (signal, worker) => {
    const self = readProcessStat(process.pid);
    // A worker that was taken over may live in the group of an earlier crashmon.
    if (self === null || readProcessStat(worker)?.processGroup !== self.processGroup) return false;
    if (FOREGROUND_SIGNALS.includes(signal)) {
      return self.terminalGroup > 0 && self.terminalGroup === self.processGroup;
    }
    if (signal !== 'SIGHUP' || !mayHangUp || self.terminal !== 0) return false;
    mayHangUp = false;
    // Process 1 of a container passes it to us alone.
    if (self.session === 1 && self.ppid === 1) return false;
    return self.session !== self.pid;
  };
}
