import type { ExitStatus } from '../model/exit.ts';
import { PASSED_ON_SIGNALS, STOP_SIGNALS, terminalSense, WATCHDOG_SIGNAL } from '../worker/stop-signals.ts';
import type { Worker } from '../worker/worker.ts';
import type { Emit } from './agent-event.ts';

/** A worker that took all of its time leaves this much to what it started. */
const MIN_REST_MS = 1_000;

export type Asked = { what: 'stop' | 'restart'; signal: string };

/**
 * Carries signals from crashmon to the worker, and a stop through to its end: pass on, wait, then SIGKILL.
 */
export class StopControl implements Disposable {
  /** What was asked of the current worker; for the exit taxonomy. */
  asked: Asked | null = null;
  /** Signals other than a stop that the current worker was sent. */
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
  /** When the stop or restart under way was asked for. */
  #askedAt: number | null = null;

  constructor(timeoutMs: number, emit: Emit) {
    this.#timeoutMs = timeoutMs;
    this.#emit = emit;
    for (const name of STOP_SIGNALS) this.#listen(name, () => this.#stop(name));
    for (const name of PASSED_ON_SIGNALS) this.#listen(name, () => this.#passOn(name));
    this.#listen(WATCHDOG_SIGNAL, () => this.#abort());
  }

  /** The stop that was asked for, as the end of a worker that there was none of; null where none was. */
  get stopped(): ExitStatus | null {
    const { signal } = this.stopping;
    return signal.aborted ? { type: 'signal', signal: signal.reason } : null;
  }

  /** From here on signals go to this worker. A stop that came before it was there reaches it at once. */
  attach(worker: Worker): void {
    this.#worker = worker;
    this.#askedAt = null;
    this.asked = null;
    this.passedOn = [];
    if (this.stopping.signal.aborted) this.#stop(this.stopping.signal.reason, false);
  }

  /** The worker is gone. */
  detach(): void {
    this.#worker = null;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
  }

  /** What is left of the stop timeout for those that outlive the worker. All of it where nothing was asked for. */
  get remainingMs(): number {
    const passed = this.#askedAt === null ? 0 : performance.now() - this.#askedAt;
    return Math.max(this.#timeoutMs - passed, Math.min(MIN_REST_MS, this.#timeoutMs));
  }

  /** A terminal sends its signals to the whole foreground group. */
  get cameFromTerminal(): boolean {
    return this.#fromTerminal;
  }

  /** A restart asked for by `crashmon arm --restart`; graceful like a stop. */
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

  /** systemd's watchdog: the worker hangs. It ends, and that counts as a crash; systemd starts the unit again. */
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
    // A signal that seemed to come from the terminal may have come from `kill`: then the worker never got it.
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
