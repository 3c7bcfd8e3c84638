import type { EndedRun } from '../model/run.ts';
import { elapsedMs } from '../policy/elapsed.ts';
import { crashesInARow, restartDelayMs } from '../policy/restart-backoff.ts';
import { withRestart } from '../policy/restart-limit.ts';
import { shouldRestart } from '../policy/should-restart.ts';
import type { Emit } from './agent-event.ts';
import type { AgentOptions } from './agent-options.ts';

type Options = Pick<AgentOptions, 'restart' | 'backoff' | 'restartLimit'>;

export type NextStart = {
  restart: boolean;
  delayMs: number;
  /** End what the run left. */
  endRest: boolean;
};

/** Decides after each exit whether and when the next worker starts. */
export class Restarts {
  readonly #options: Options;
  readonly #emit: Emit;
  #inARow = 0;
  /** Those that count against --max-restarts, in milliseconds of the monotonic clock. */
  #counted: number[] = [];

  constructor(options: Options, emit: Emit) {
    this.#options = options;
    this.#emit = emit;
  }

  /** @param now start again whatever the options say: a restart was requested, or the exit was crashmon's fault */
  after(ended: EndedRun, now: boolean, stopping: boolean): NextStart {
    const { restart: when, backoff } = this.#options;
    const { startedAt, diedAt, status, verdict } = ended;
    this.#inARow = crashesInARow(this.#inARow, elapsedMs(startedAt, diedAt));
    const wanted = shouldRestart(when, status, verdict);
    const restart = !stopping && (now || (wanted && this.#isWithinLimit(diedAt.monotonicMs)));
    return {
      restart,
      // After a crash another supervisor restarts. A worker that ended normally may have left a daemon on purpose.
      endRest: restart || wanted || stopping || verdict.counted,
      delayMs: now ? 0 : restartDelayMs(this.#inARow, backoff, Math.random()),
    };
  }

  #isWithinLimit(nowMs: number): boolean {
    const limit = this.#options.restartLimit;
    if (limit === null) return true;
    const counted = withRestart(this.#counted, limit, nowMs);
    if (counted === null) this.#emit({ event: 'restart-limit', ...limit });
    else this.#counted = counted;
    return counted !== null;
  }
}
