import { type ChildProcess, spawn } from 'node:child_process';
import type { Stream } from 'node:stream';

/**
 * $1: gdbserver, $2: crashmon, $3: the worker, $4: seconds. Two processes, either of which is enough: one looks every
 * few seconds, the other waits for the end of its input. What they hold open as 3 and 4 keeps gdbserver from seeing an
 * end of its own. Names are looked at because a process id can go to another process.
 */
const SCRIPT = `
exec 2>/dev/null
is_gdbserver() {
  read -r name <"/proc/$1/comm" || return
  case $name in gdbserver*) ;; *) return 1 ;; esac
}
# As in free-worker.ts: a SIGSTOP of gdbserver's (bit 18) that outlives it would stop the worker for good.
is_stopped() {
  for status in "/proc/$1/task/"*/status; do
    while read -r key value rest; do
      case $key$value in
        State:T | SigPnd:*[4-7c-f]???? | ShdPnd:*[4-7c-f]????) found=$key ;;
        TracerPid:0) ;;
        TracerPid:*) break ;;
        SigBlk:*) [ -n "$found" ] && return 0 ;;
      esac
    done <"$status"
    found=
  done
  return 1
}
strike() {
  is_gdbserver "$1" && kill -9 "$1"
  for wait in 0.01 0.05 0.2 1; do
    sleep "$wait"
    is_stopped "$3" && kill -CONT "$3"
  done
}
while sleep "$4" && is_gdbserver "$1"; do
  state=gone
  read -r line <"/proc/$2/stat" && state=\${line##*) }
  case $state in T* | Z* | X* | gone) strike "$@" ;; esac
done &
while read -r line; do :; done
strike "$@"
kill -9 0`;

/** So often another is started in place of one that somebody killed. */
const MOST = 5;

export type Watched = {
  gdbserverPid: number;
  workerPid: number;
  everySeconds: number;
  /** Our ends of gdbserver's standard streams. */
  wires: readonly Stream[];
  /** There can be no watchdog (any more). */
  onLost: () => void;
};

/**
 * Kills a gdbserver whose crashmon was killed, at once, or is stopped (SIGSTOP, Ctrl-Z), within seconds; the kernel then
 * lets the worker run on untraced. A shell, since it must not share our fate.
 *
 * A gdbserver that saw the end of its input would detach by itself, but kill a worker that executed another program
 * meanwhile, for it takes that for its own child (`handle_extended_wait` in gdbserver/linux-low.cc). And a worker that
 * reached a fatal signal would be held until somebody wakes a crashmon that is stopped.
 */
export class Watchdog {
  readonly #watched: Watched;
  #child: ChildProcess | null = null;
  #started = 0;
  #over = false;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#start();
  }

  #start(): void {
    const { gdbserverPid, workerPid, everySeconds, wires, onLost } = this.#watched;
    const fds = wires.map(descriptorOf);
    this.#started += 1;
    if (this.#started > MOST || fds.some((fd) => fd === null)) {
      onLost();
      return;
    }
    const numbers = [gdbserverPid, process.pid, workerPid, everySeconds].map(String);
    let child: ChildProcess;
    try {
      // Its name says nothing of crashmon: who kills everything of that name shall not kill a worker with it.
      child = spawn('/bin/sh', ['-c', SCRIPT, 'gdbserver-watchdog', ...numbers], {
        detached: true,
        // Not as 0, 1 or 2: libuv would make those blocking, which they then were for us, too.
        stdio: ['pipe', 'ignore', 'ignore', ...fds],
      });
    } catch {
      onLost();
      return;
    }
    this.#child = child;
    child.unref();
    const input = child.stdin;
    input?.on('error', () => {});
    (input as unknown as { unref?: () => void } | null)?.unref?.();
    for (const event of ['exit', 'error']) child.once(event, () => this.#ended(child));
  }

  #ended(child: ChildProcess): void {
    if (this.#over || child !== this.#child) return;
    killGroup(child.pid);
    this.#child = null;
    this.#start();
  }

  /** Settles when it and its sleep are gone. */
  async end(): Promise<void> {
    this.#over = true;
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.ref();
    killGroup(child.pid);
    await exited;
    child.stdin?.destroy();
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** What Node passes on to a child it stops reading from itself, if it is passed as a stream. */
function descriptorOf(stream: Stream): number | null {
  const fd = (stream as Stream & { _handle?: { fd?: unknown } })._handle?.fd;
  return typeof fd === 'number' && fd >= 0 ? fd : null;
}
