import type { ServiceExit } from '../source.ts';
import { keyOf } from './unit-service.ts';

/** An exit as systemd or its journal showed it. */
export type UnitEnd = Pick<ServiceExit, 'status' | 'asked' | 'because' | 'endedAtMs'> & {
  unit: string;
  invocationId: string;
  bootId: string;
  /** 0: unknown. */
  pid: number;
  startedAtMs: number;
};

/** The disk has been full for long, and systemd's journal has those before. */
const MAX_PENDING = 5_000;

/** Exits that were seen and are not stored yet. They outlive the agent: the journal need not have them. */
export class PendingEnds {
  /** By the keys of the runs, oldest first. */
  readonly #ends: Map<string, UnitEnd>;
  /** Those of them that could not be stored. */
  readonly #refused = new Set<string>();

  constructor(ends: readonly UnitEnd[] = []) {
    this.#ends = new Map(ends.map((end) => [keyOf(end.bootId, end.invocationId), end]));
  }

  get size(): number {
    return this.#ends.size;
  }

  /** What was said first of a run stays. */
  add(end: UnitEnd): void {
    const key = keyOf(end.bootId, end.invocationId);
    if (!this.#ends.has(key)) this.#ends.set(key, end);
    const [oldest] = this.#ends.size > MAX_PENDING ? this.#ends.keys() : [];
    if (oldest !== undefined) this.#ends.delete(oldest);
  }

  settled({ bootId, invocationId }: UnitEnd, isStored: boolean): void {
    const key = keyOf(bootId, invocationId);
    if (isStored) this.#ends.delete(key);
    else if (this.#ends.has(key)) this.#refused.add(key);
  }

  /** Those that can be reported again, each time that they are refused. */
  takeRefused(): UnitEnd[] {
    const refused = [...this.#refused];
    this.#refused.clear();
    return refused.flatMap((key) => this.#ends.get(key) ?? []);
  }

  get all(): UnitEnd[] {
    return [...this.#ends.values()];
  }
}
