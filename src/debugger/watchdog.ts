import { type ChildProcess, spawn } from 'node:child_process';

/**
 * The name is looked at because a process id can go to another process.
 */
const SCRIPT = `
while sleep "$3" && read -r name <"/proc/$1/comm" && [ "$name" = gdbserver ]; do
  read -r line <"/proc/$2/stat" || exit
  case \${line##*) } in T*) kill -9 "$1" ;; esac
done 2>/dev/null`;

/**
 * Kills a gdbserver whose crashmon is stopped (SIGSTOP, Ctrl-Z): a worker that reached a fatal signal would be held
 * until somebody wakes crashmon. A shell, since it must not share our fate; it looks every few seconds and ends with
 * gdbserver. (A crashmon that is killed needs none: gdbserver sees the end of its input.)
 */
export class Watchdog {
  readonly #child: ChildProcess;

  constructor(gdbserverPid: number, everySeconds: number) {
    const args = ['-c', SCRIPT, 'crashmon-watchdog', gdbserverPid, process.pid, everySeconds].map(String);
    this.#child = spawn('/bin/sh', args, { detached: true, stdio: 'ignore' });
    this.#child.on('error', () => {});
    this.#child.unref();
  }

  /** Settles when it and its sleep are gone. */
  async end(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.ref();
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended, and its exit is about to be told.
    }
    await exited;
  }
}
