import { isAlive } from '../../worker/process-info.ts';
import type { ServiceStart } from '../source.ts';
import type { QuietEnd } from './journal-runs.ts';
import type { UnitEnd } from './pending-ends.ts';
import type { UnitRun } from './unit-runs.ts';

type Living = Pick<ServiceStart, 'key' | 'pid' | 'startTicks'> & {
  /** Its process was gone at the last check. */
  isGone: boolean;
  /** As the journal has it. */
  quietEnd: QuietEnd | null;
};

/** Runs whose end was not reported: the signal of an end can be lost, and of a good one nothing else need say it. */
export class LivingRuns {
  readonly #runs = new Map<string, Living>();

  started(unit: string, { key, pid, startTicks }: ServiceStart): void {
    this.#runs.set(unit, { key, pid, startTicks, isGone: false, quietEnd: null });
  }

  ended(unit: string, key: string): void {
    if (this.key(unit) === key) this.#runs.delete(unit);
  }

  /** Of a run that has ended well the journal has no more. It is not reported: D-Bus says more, only later. */
  endedQuietly(end: QuietEnd, key: string): void {
    const run = this.#runs.get(end.unit);
    if (run?.key === key) run.quietEnd = end;
  }

  quietEnd(unit: string): QuietEnd | null {
    return this.#runs.get(unit)?.quietEnd ?? null;
  }

  forget(unit: string): void {
    this.#runs.delete(unit);
  }

  /** Of the run of a unit; null if none lives. */
  key(unit: string): string | null {
    return this.#runs.get(unit)?.key ?? null;
  }

  get units(): string[] {
    return [...this.#runs.keys()];
  }

  /** Units whose process was gone at the last check, too: by now a signal would have come. */
  check(): string[] {
    return [...this.#runs].flatMap(([unit, run]) => {
      const wasGone = run.isGone;
      run.isGone = run.startTicks === null || !isAlive(run.pid, run.startTicks);
      return wasGone && run.isGone ? unit : [];
    });
  }
}

/** Of a good end, of which the journal does not have the status. */
export function endOf(
  { unit, asked, atMs }: QuietEnd,
  { invocationId, pid, startedUs }: UnitRun,
  bootId: string,
): UnitEnd {
  const times = { startedAtMs: startedUs / 1000, endedAtMs: atMs };
  const how = { status: { type: 'unknown' }, asked, because: asked ? null : 'success' } as const;
  return { unit, invocationId, bootId, pid, ...times, ...how };
}
