export type StormLimits = {
  /** Handled signals of one kind that are captured within `windowMs`; further ones are delivered immediately. */
  captures: number;
  /** Stops of one signal within `windowMs` after which gdbserver passes it without asking, where it can. */
  stops: number;
  /** Stops of one signal within `windowMs` after which the worker is better off without a debugger. */
  tooMany: number;
  windowMs: number;
  /** How long it then passes; twice as long each further time, up to an hour. */
  quietMs: number;
};

export const STORM_LIMITS: StormLimits = {
  captures: 5,
  stops: 20,
  tooMany: 500,
  windowMs: 10_000,
  quietMs: 60_000,
};
const MAX_QUIET_MS = 3_600_000;

/**
 * Decides whether another stop at a fatal signal is worth it, so that a worker that handles faults as a matter of
 * course (Node's WebAssembly, a garbage collector) is not slowed down forever. Pure: `now` in milliseconds is passed
 * in.
 */
export class StormGuard {
  readonly #limits: StormLimits;
  readonly #stops = new Map<number, number[]>();
  readonly #quiet = new Map<number, { untilMs: number; lastMs: number }>();

  constructor(limits: StormLimits) {
    this.#limits = limits;
  }

  /**
   * `handled`: the worker has a handler for it, so it is likely to survive. `passable`: gdbserver can pass it without
   * asking.
   */
  stop(
    signal: number,
    { handled, passable }: { handled: boolean; passable: boolean },
    now: number,
  ): 'capture' | 'pass-on' | 'stop-asking' | 'leave' {
    const { captures, stops, tooMany, windowMs, quietMs } = this.#limits;
    const recent = (this.#stops.get(signal) ?? []).filter((at) => now - at < windowMs);
    recent.push(now);
    this.#stops.set(signal, recent);
    if (recent.length > tooMany) return 'leave';
    if (passable && recent.length > stops) {
      const lastMs = this.#quiet.get(signal)?.lastMs;
      const nextMs = Math.min(MAX_QUIET_MS, lastMs === undefined ? quietMs : lastMs * 2);
      this.#quiet.set(signal, { untilMs: now + nextMs, lastMs: nextMs });
      this.#stops.delete(signal);
      return 'stop-asking';
    }
    // Without a handler this signal ends it: nothing is left to slow down.
    return handled && recent.length > captures ? 'pass-on' : 'capture';
  }

  /** Signals that are passed at `now`, and when the first of them is to be reported again. */
  storming(now: number): { signals: ReadonlySet<number>; untilMs: number | null } {
    const active = [...this.#quiet].filter(([, { untilMs }]) => untilMs > now);
    return {
      signals: new Set(active.map(([signal]) => signal)),
      untilMs: active.length === 0 ? null : Math.min(...active.map(([, { untilMs }]) => untilMs)),
    };
  }
}
