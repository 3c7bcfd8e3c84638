import { readlinkSync } from 'node:fs';
import type { Clock } from '../../agent/clock.ts';
import { closedConnections, isListening, listeningPorts } from '../../formats/procfs/cut-connections.ts';
import type { Impact } from '../../model/impact.ts';
import type { EndedRun } from '../../model/run.ts';
import { nextPortPoll } from '../../policy/port-polls.ts';
import { findMainProcess } from '../../worker/main-process.ts';
import { socketInodes } from '../../worker/tcp-sockets.ts';
import type { ServiceStart } from '../source.ts';
import type { HostTcp } from './host-tcp.ts';

/** When the ports of a service are looked up: servers listen soon after their start. */
const LOOK_AFTER_MS = [1_000, 5_000, 30_000];
/** The kernel counts in steps of 10 ms, and the supervisor sees an exit some milliseconds after it. */
const LATE_MS = 20;
/** After that, what closed connections is not known. */
const FRESH_MS = 2_000;
/** Exits of a crash loop that are not recorded yet. */
const MOST_WAITING = 20;

type Crash = {
  endedAtMs: number;
  ports: ReadonlySet<number>;
  connectionsCut: number | null;
  servedAfterMs: number | null;
  /** To the next start; null if there was none. */
  backAfterMs: number | null;
  /** Nothing more will be known. */
  isFinished: boolean;
  /** Once it is recorded. */
  run: EndedRun | null;
};

type ServicePortsParts = {
  tcp: Pick<HostTcp, 'all' | 'listening'>;
  clock: Clock;
  /** @param backAfterMs until the next start; null: there was none */
  onImpact: (run: EndedRun, impact: Impact, backAfterMs: number | null) => void;
};

/**
 * What crashes of a service's main process did to the clients of the ports on which it listened, as `PortWatch` has it of a
 * worker of `crashmon run`. An exit is recorded later than it is seen; its connections are counted at once.
 */
export class ServicePorts {
  readonly #parts: ServicePortsParts;
  readonly #looks: NodeJS.Timeout[] = [];
  /** By the keys of the runs. */
  readonly #crashes = new Map<string, Crash>();
  /** Of the run that lives; of the one before until they are known. */
  #ports: ReadonlySet<number> = new Set();
  /** The port is not served since. */
  #down: Crash | null = null;
  #poll: NodeJS.Timeout | undefined;

  constructor(parts: ServicePortsParts) {
    this.#parts = parts;
  }

  started({ pid, startedAtMs }: ServiceStart): void {
    this.#stopLooking();
    // What ran long before the agent listens by now.
    const ageMs = this.#parts.clock().wallMs - startedAtMs;
    const [first = 0, ...later] = LOOK_AFTER_MS;
    for (const afterMs of [first, ...later.filter((laterMs) => ageMs < laterMs)]) {
      this.#looks.push(setTimeout(() => void this.#look(pid), afterMs).unref());
    }
    const crash = this.#down;
    if (crash !== null) crash.backAfterMs ??= Math.max(0, Math.round(startedAtMs - crash.endedAtMs));
  }

  /** Its main process has ended, and that was not requested. */
  exited(key: string, endedAtMs: number): void {
    this.#stopLooking();
    this.#finish();
    const ports = this.#ports;
    const isFresh = this.#parts.clock().wallMs - endedAtMs < FRESH_MS;
    if (ports.size === 0 || !isFresh || this.#crashes.size >= MOST_WAITING) return;
    const crash: Crash = {
      ...{ endedAtMs, ports, connectionsCut: null, servedAfterMs: null, backAfterMs: null },
      ...{ isFinished: false, run: null },
    };
    this.#crashes.set(key, crash);
    this.#down = crash;
    void this.#countCut(crash);
  }

  /** An exit is recorded. @param run null: it is not of interest */
  settled(key: string, run: EndedRun | null): void {
    const crash = this.#crashes.get(key);
    if (crash === undefined) return;
    this.#crashes.delete(key);
    if (run?.verdict.counted !== true) {
      if (this.#down === crash) this.#finish();
      return;
    }
    crash.run = run;
    if (crash.isFinished) this.#report(crash);
  }

  /** What is known is all that will be. */
  end(): void {
    this.#stopLooking();
    this.#finish();
    this.#crashes.clear();
  }

  async #look(pid: number): Promise<void> {
    if (!isInOwnNetwork(pid)) return;
    const inodes = socketInodes(findMainProcess(pid));
    // Most programs have none.
    const listening = inodes === null || inodes.size === 0 ? [] : await this.#parts.tcp.listening();
    const ports = listeningPorts(listening, inodes ?? new Set());
    if (ports.size > 0) this.#ports = ports;
  }

  async #countCut(crash: Crash): Promise<void> {
    const table = await this.#parts.tcp.all();
    if (this.#down !== crash) return;
    // Another process serves the same port, and closes connections of its own; or the next run is faster than this.
    if (table === null || isListening(table, crash.ports)) {
      this.#finish();
      return;
    }
    crash.connectionsCut = closedConnections(table, crash.ports, this.#sinceMs(crash) + LATE_MS);
    this.#pollLater(crash);
  }

  #pollLater(crash: Crash): void {
    const waitMs = nextPortPoll(this.#sinceMs(crash));
    if (waitMs === null) {
      this.#finish();
      return;
    }
    this.#poll = setTimeout(async () => {
      const isServed = isListening(await this.#parts.tcp.listening(), crash.ports);
      if (this.#down !== crash) return;
      if (!isServed) {
        this.#pollLater(crash);
        return;
      }
      crash.servedAfterMs = this.#sinceMs(crash);
      this.#finish();
    }, waitMs).unref();
  }

  #finish(): void {
    clearTimeout(this.#poll);
    const crash = this.#down;
    this.#down = null;
    if (crash === null) return;
    crash.isFinished = true;
    this.#report(crash);
  }

  #report({ run, connectionsCut, servedAfterMs, backAfterMs }: Crash): void {
    const isKnown = connectionsCut !== null && (connectionsCut > 0 || servedAfterMs !== null);
    if (run === null || !isKnown) return;
    this.#parts.onImpact(run, { connectionsCut, isExact: false, servedAfterMs }, backAfterMs);
  }

  #sinceMs({ endedAtMs }: Crash): number {
    return Math.max(0, Math.round(this.#parts.clock().wallMs - endedAtMs));
  }

  #stopLooking(): void {
    for (const look of this.#looks.splice(0)) clearTimeout(look);
  }
}

/** Of other network namespaces nothing is counted. */
function isInOwnNetwork(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net');
  } catch {
    return false;
  }
}
