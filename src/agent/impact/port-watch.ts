import { closedConnections, isListening, listeningPorts } from '../../formats/procfs/cut-connections.ts';
import type { Impact } from '../../model/impact.ts';
import type { EndedRun } from '../../model/run.ts';
import { nextPortPoll } from '../../policy/port-polls.ts';
import { findMainProcess } from '../../worker/main-process.ts';
import { listeningSockets, socketInodes, tcpTable } from '../../worker/tcp-sockets.ts';
import type { Clock } from '../clock.ts';

/** When the ports of a worker are looked up: servers listen soon after their start. */
const LOOK_AFTER_MS = [1_000, 5_000, 30_000];
/** The kernel counts in steps of 10 ms. */
const STEP_MS = 10;

type Crash = { run: EndedRun; ports: ReadonlySet<number>; connectionsCut: number | null };

/**
 * What a crash of the worker did to the clients of the ports on which it listened: connections that the kernel closed at its
 * end, and the time until something listened there again. Nothing is read between an exit and the next start.
 */
export class PortWatch {
  readonly #clock: Clock;
  readonly #onImpact: (run: EndedRun, impact: Impact) => void;
  readonly #looks: NodeJS.Timeout[] = [];
  #poll: NodeJS.Timeout | undefined;
  /** Of this worker; of the one before until they are known. */
  #ports: ReadonlySet<number> = new Set();
  #crash: Crash | null = null;

  constructor(clock: Clock, onImpact: (run: EndedRun, impact: Impact) => void) {
    this.#clock = clock;
    this.#onImpact = onImpact;
  }

  /** A worker was started, or taken over. */
  begin(pid: number): void {
    this.#stopLooking();
    for (const afterMs of LOOK_AFTER_MS) {
      this.#looks.push(setTimeout(() => this.#look(pid), afterMs).unref());
    }
    const crash = this.#crash;
    if (crash !== null) setImmediate(() => this.#countCut(crash));
  }

  /** @param run a crash of the main process */
  ended(run: EndedRun): void {
    this.#stopLooking();
    this.#finish(null);
    if (run.verdict.counted && this.#ports.size > 0)
      this.#crash = { run, ports: this.#ports, connectionsCut: null };
  }

  /** crashmon ends: what is known is all that will be. */
  end(): void {
    this.#stopLooking();
    this.#finish(null);
  }

  #look(pid: number): void {
    const inodes = socketInodes(findMainProcess(pid));
    const ports = inodes === null ? new Set<number>() : listeningPorts(listeningSockets(pid), inodes);
    if (ports.size > 0) this.#ports = ports;
  }

  #countCut(crash: Crash): void {
    if (this.#crash !== crash) return;
    const table = tcpTable('self');
    // Another process of the app serves the same port, and closes connections of its own.
    if (table === null || isListening(table, crash.ports)) {
      this.#crash = null;
      return;
    }
    crash.connectionsCut = closedConnections(table, crash.ports, this.#sinceMs(crash) + STEP_MS);
    this.#pollLater(crash);
  }

  #pollLater(crash: Crash): void {
    const waitMs = nextPortPoll(this.#sinceMs(crash));
    if (waitMs === null) {
      this.#finish(null);
      return;
    }
    this.#poll = setTimeout(() => {
      if (isListening(listeningSockets('self'), crash.ports)) this.#finish(this.#sinceMs(crash));
      else this.#pollLater(crash);
    }, waitMs).unref();
  }

  #finish(servedAfterMs: number | null): void {
    clearTimeout(this.#poll);
    const crash = this.#crash;
    this.#crash = null;
    if (crash === null || crash.connectionsCut === null) return;
    if (crash.connectionsCut === 0 && servedAfterMs === null) return;
    this.#onImpact(crash.run, { connectionsCut: crash.connectionsCut, isExact: false, servedAfterMs });
  }

  #sinceMs({ run }: Crash): number {
    return Math.max(0, this.#clock().monotonicMs - run.diedAt.monotonicMs);
  }

  #stopLooking(): void {
    for (const look of this.#looks.splice(0)) clearTimeout(look);
  }
}
