import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Stream } from 'node:stream';

/** It is started in its own folder: `ps` shows its name without crashmon's path. */
const FOLDER = import.meta.dirname;
const SCRIPT = './gdbserver-watchdog.sh';
const NAME = 'gdbserver-watchdog';
/** Where `scripts/build-exit-watch.sh` puts it for this machine. */
const PROGRAM = join(FOLDER, 'built', `${NAME}-${process.arch}`);

/** It ends within some milliseconds after a request. */
const END_MS = 1_000;

/** How often one that was killed is replaced. */
const MOST = 5;

export type Watched = {
  gdbserverPid: number;
  /** 0 where nothing is attached yet. */
  workerPid: number;
  /** The compiled one by default; where it cannot be started, a shell that checks less often does its work. */
  program?: string | undefined;
  /** Our ends of gdbserver's standard streams. */
  wires: readonly Stream[];
  /** No watchdog can be started. */
  onLost: () => void;
};

/**
 * Kills a gdbserver if its crashmon was killed (immediately), or is stopped (SIGSTOP, Ctrl-Z) while gdbserver can be
 * holding the worker (within some 300 ms; 5 seconds where it is the shell); the kernel then lets the worker run on untraced. A
 * program of its own, because it must outlive crashmon.
 *
 * A gdbserver that saw the end of its input would detach by itself, but kill a worker that executed another program
 * meanwhile, for it takes that for its own child (`handle_extended_wait` in gdbserver/linux-low.cc). And a worker that
 * reached a fatal signal would be held until a stopped crashmon is continued.
 */
export class Watchdog {
  readonly #watched: Watched;
  #workerPid: number;
  #child: ChildProcess | null = null;
  #started = 0;
  #over = false;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#workerPid = watched.workerPid;
    this.#start();
  }

  /** From now on gdbserver can be attached to this worker. */
  follow(workerPid: number): void {
    if (workerPid === this.#workerPid) return;
    this.#workerPid = workerPid;
    this.#child?.stdin?.write(`worker ${workerPid}\n`);
  }

  #start(): void {
    const { program = PROGRAM, wires, onLost } = this.#watched;
    const fds = wires.map(descriptorOf);
    this.#started += 1;
    const child =
      this.#started > MOST || fds.some((fd) => fd === null)
        ? null
        : (this.#spawn(program, NAME, [], fds) ?? this.#spawn('/bin/sh', '/bin/sh', [SCRIPT], fds));
    if (child === null) {
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

  /** @returns null if it cannot be started */
  #spawn(file: string, argv0: string, args: string[], fds: (number | null)[]): ChildProcess | null {
    const numbers = [this.#watched.gdbserverPid, process.pid, this.#workerPid].map(String);
    try {
      // Its name does not contain crashmon: killing all processes of that name must not kill a worker with it.
      const child = spawn(file, [...args, ...numbers], {
        argv0,
        cwd: FOLDER,
        detached: true,
        // Not as 0, 1 or 2: libuv would make those blocking, which they then were for us, too.
        stdio: ['pipe', 'ignore', 'ignore', ...fds],
      });
      if (child.pid !== undefined) return child;
      child.once('error', () => {});
    } catch {
      // Of wrong arguments.
    }
    return null;
  }

  #ended(child: ChildProcess): void {
    if (this.#over || child !== this.#child) return;
    killGroup(child.pid);
    this.#child = null;
    this.#start();
  }

  /**
   * Settles when its processes have ended. They are asked to, because after a kill the second one would be an orphan: a
   * permanent zombie where process 1 collects none.
   */
  async end(): Promise<void> {
    this.#over = true;
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.ref();
    child.stdin?.write('end\n');
    const timer = setTimeout(() => killGroup(child.pid), END_MS);
    await exited;
    clearTimeout(timer);
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

/** Node stops reading from a stream that it passes to a child. */
function descriptorOf(stream: Stream): number | null {
  const fd = (stream as Stream & { _handle?: { fd?: unknown } })._handle?.fd;
  return typeof fd === 'number' && fd >= 0 ? fd : null;
}
