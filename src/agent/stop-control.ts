import type { ExitStatus } from '../model/exit.ts';
import { PASSED_ON_SIGNALS, STOP_SIGNALS, terminalSense, WATCHDOG_SIGNAL } from '../worker/stop-signals.ts';
import type { Worker } from '../worker/worker.ts';
import type { Emit } from './agent-event.ts';

/** Minimum time for the rest of the run, if the worker took all of it. */
const MIN_REST_MS = 1_000;

export type Asked = { what: 'stop' | 'restart'; signal: string };

/**
 * Forwards signals to the worker. A stop: forward, wait, then SIGKILL.
 */
export class StopControl implements Disposable {
  /** What the current worker was asked to do. */
  asked: Asked | null = null;
  /** Signals that were forwarded to the current worker, other than a stop. */
  passedOn: string[] = [];
  /** Aborted when crashmon itself is asked to stop. */
  readonly stopping = new AbortController();
  readonly #timeoutMs: number;
  readonly #emit: Emit;
  readonly #cameFromTerminal = terminalSense();
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  #worker: Worker | null = null;
  /** Was the newest stop left to the terminal? */
  #fromTerminal = false;
  #deadline: NodeJS.Timeout | null = null;
  /** When the current stop or restart was requested. */
  #askedAt: number | null = null;

  constructor(timeoutMs: number, emit: Emit) {
    this.#timeoutMs = timeoutMs;
    this.#emit = emit;
    for (const name of STOP_SIGNALS) this.#listen(name, () => this.#stop(name));
    for (const name of PASSED_ON_SIGNALS) this.#listen(name, () => this.#passOn(name));
    this.#listen(WATCHDOG_SIGNAL, () => this.#abort());
  }

  /** The requested stop, as exit status where there was no worker; null if none was requested. */
  get stopped(): ExitStatus | null {
    const { signal } = this.stopping;
    return signal.aborted ? { type: 'signal', signal: signal.reason } : null;
  }

  /** From now on signals go to this worker. An earlier stop reaches it immediately. */
  attach(worker: Worker): void {
    this.#worker = worker;
    this.#askedAt = null;
    this.asked = null;
    this.passedOn = [];
    if (this.stopping.signal.aborted) this.#stop(this.stopping.signal.reason, false);
  }

  /** The worker has ended. */
  detach(): void {
    this.#worker = null;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
  }

  /** What is left of the stop timeout for processes that outlive the worker; all of it if no stop was requested. */
  get remainingMs(): number {
    const passed = this.#askedAt === null ? 0 : performance.now() - this.#askedAt;
    return Math.max(this.#timeoutMs - passed, Math.min(MIN_REST_MS, this.#timeoutMs));
  }

  /** A terminal sends its signals to the whole foreground group. */
  get cameFromTerminal(): boolean {
    return this.#fromTerminal;
  }

  /** A restart requested by `crashmon arm --restart`; graceful like a stop. */
  restart(): void {
    if (this.#worker === null || this.asked !== null) return;
    this.asked = { what: 'restart', signal: 'SIGTERM' };
    this.#worker.signal('SIGTERM');
    this.#startDeadline('SIGTERM');
  }

  [Symbol.dispose](): void {
    this.detach();
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }

  #listen(name: NodeJS.Signals, listener: () => void): void {
    this.#listeners.set(name, listener);
    process.on(name, listener);
  }

  #stop(signal: NodeJS.Signals, justNow = true): void {
    this.stopping.abort(signal);
    if (this.#worker === null) return;
    this.asked = { what: 'stop', signal };
    this.#fromTerminal = justNow && this.#cameFromTerminal(signal, this.#worker.pid);
    if (!this.#fromTerminal) this.#worker.signal(signal);
    this.#startDeadline(signal);
  }

  #passOn(signal: NodeJS.Signals): void {
    if (this.#worker === null) return;
    this.passedOn.push(signal);
    if (!this.#cameFromTerminal(signal, this.#worker.pid)) this.#worker.signal(signal);
  }

  /** systemd's watchdog: the worker hangs. Its end counts as a crash, and systemd restarts the unit. */
  #abort(): void {
    this.stopping.abort(WATCHDOG_SIGNAL);
    if (this.#worker === null) return;
    this.passedOn.push(WATCHDOG_SIGNAL);
    this.#worker.signal(WATCHDOG_SIGNAL);
    this.#startDeadline(WATCHDOG_SIGNAL);
  }

  #startDeadline(signal: NodeJS.Signals): void {
    this.#askedAt ??= performance.now();
    if (this.#deadline !== null) return;
    this.#emit({ event: 'stopping', signal, timeoutMs: this.#timeoutMs });
    this.#deadline = setTimeout(() => this.#kill(signal), this.#timeoutMs);
  }

  #kill(signal: NodeJS.Signals): void {
    if (this.#worker === null) return;
    // It may have come from `kill` and not from the terminal: then the worker never got it.
    if (this.#fromTerminal) {
      this.#fromTerminal = false;
      this.#worker.signal('SIGTERM');
      this.#deadline = setTimeout(() => this.#kill(signal), this.#timeoutMs);
      return;
    }
    this.#emit({ event: 'killing', pid: this.#worker.pid });
    this.#worker.signal('SIGKILL');
  }
}
