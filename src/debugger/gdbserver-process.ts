import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { encodePacket } from '../formats/rsp/encode-packet.ts';
import { freeWorker } from './free-worker.ts';
import { readChildren, readStatus, readThreads } from './traced-process.ts';
import { Watchdog } from './watchdog.ts';

/** How long it gets to detach; it takes some milliseconds. */
const DETACH_MS = 150;
const LOOK_MS = 2;

/**
 * Starts a gdbserver that speaks over its standard streams, in a session of its own so that no terminal signals it.
 */
export function startGdbserver(
  gdbserverPath: string,
  workerPid: number,
  watchdogProgram?: string,
): GdbserverProcess {
  // A SIGPIPE while it detaches would leave SIGSTOPs of its own pending at threads of the worker; it inherits that
  // the signal is ignored. Its messages are discarded: a pipe without a reader could block it.
  const script = 'trap "" PIPE; read -r go || exit; exec "$0" --once --multi -';
  const child = spawn('/bin/sh', ['-c', script, gdbserverPath], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const gdbserver = new GdbserverProcess(child, child.stdin, child.stdout);
  gdbserver.watch(workerPid, watchdogProgram);
  gdbserver.start();
  return gdbserver;
}

/**
 * A gdbserver of ours. While it may be attached to something it must not see the end of its input (see `Watchdog`).
 */
export class GdbserverProcess {
  readonly input: Writable;
  readonly output: Readable;
  /** Settles with the exit code, null when a signal killed it; 127 when it could not be started. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  #watchdog: Watchdog | null = null;

  constructor(child: ChildProcess, input: Writable, output: Readable) {
    this.#child = child;
    this.input = input;
    this.output = output;
    this.exited = new Promise((resolve) => {
      child.once('exit', resolve);
      child.once('error', () => resolve(127));
    });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /**
   * Call it before it is started (0 where no worker is known yet), and before it attaches to a worker. Without a
   * watchdog it is killed.
   */
  watch(workerPid: number, program?: string): void {
    const gdbserverPid = this.#child.pid;
    if (gdbserverPid === undefined) return;
    if (this.#watchdog !== null) {
      this.#watchdog.follow(workerPid);
      return;
    }
    const wires = [...new Set([this.input, this.output])];
    const onLost = () => void this.#child.kill('SIGKILL');
    this.#watchdog = new Watchdog({ gdbserverPid, workerPid, program, wires, onLost });
  }

  /**
   * Lets the shell become gdbserver, once its watchdog holds its input open: at the end of its input gdbserver would
   * spin forever. If crashmon is killed before, the shell ends.
   */
  start(): void {
    this.input.write('go\n');
  }

  /**
   * The only way to end it: if it is still attached to the worker, the kernel lets that run on.
   * @param workerPid null if nothing is attached, or the worker is to stay stopped
   */
  async kill(workerPid: number | null): Promise<void> {
    if (workerPid !== null && isHeld(workerPid)) await this.#askToDetach(workerPid);
    this.#killGroup();
    await this.exited;
    if (workerPid !== null) await freeWorker(workerPid);
    await this.#closed();
  }

  /**
   * Of a worker that is held at a signal which a process sent, the kernel forgets the signal when gdbserver is killed. If it
   * detaches, it passes it on. It can have been stopped.
   */
  async #askToDetach(workerPid: number): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null || !this.input.writable) return;
    this.#child.kill('SIGCONT');
    this.input.write(encodePacket(`D;${workerPid.toString(16)}`));
    const until = performance.now() + DETACH_MS;
    while (isHeld(workerPid) && performance.now() < until) await delay(LOOK_MS);
  }

  /**
   * Does it hang because it is not allowed to use ptrace(2)? When it starts, a child of it requests to be traced and
   * stops, and it waits for the stop, which does not come if the request failed (`linux_check_ptrace_features` in
   * gdb/nat/linux-ptrace.c).
   */
  isRefusedItsChild(): boolean {
    const pid = this.#child.pid ?? 0;
    return readChildren(pid).some((child) => readStatus(child)?.state === 'T');
  }

  /** With that child, which would stay stopped forever. The attached process is not in its group. */
  #killGroup(): void {
    const { pid, exitCode, signalCode } = this.#child;
    try {
      if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
    } catch {
      // It is not the first of its group yet.
    }
    this.#child.kill('SIGKILL');
  }

  async #closed(): Promise<void> {
    this.input.destroy();
    this.output.destroy();
    await this.#watchdog?.end();
  }
}

/** Is a thread of it in a stop that its tracer ends? */
function isHeld(pid: number): boolean {
  return readThreads(pid).some((tid) => readStatus(pid, tid)?.state === 't');
}
