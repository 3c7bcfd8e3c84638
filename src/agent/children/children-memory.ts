import type { ProcessMemoryRecord } from '../../model/memory.ts';
import { decideLook, type MemoryLook, type MemorySample, usedShare } from '../../policy/memory-looks.ts';
import { MemoryLimits } from '../../worker/memory-limits.ts';
import { readResident } from '../../worker/read-process-memory.ts';
import { memoryFacts, withMappings } from '../memory-facts.ts';
import { MemoryGrowth } from '../memory-growth.ts';
import type { WatchedChild } from './child-exit.ts';

const FIRST_MS = 50;
/** The kernel ends the largest; more of them are not read, as all share the tenth of a processor. */
const MOST_READ = 3;

type Followed = { growth: MemoryGrowth; facts: ProcessMemoryRecord | null };
type Sized = { child: WatchedChild; residentBytes: number };

/**
 * Follows the memory of armed workers below a master, which share its control group: near a limit it reads what the largest of them use
 * theirs for. It stays in memory, as only this process learns how they end. Nothing stops them.
 */
export class ChildrenMemory {
  readonly #children: () => readonly WatchedChild[];
  #followed = new Map<WatchedChild, Followed>();
  #timer: NodeJS.Timeout | undefined;
  #limits = new MemoryLimits();
  #before: MemorySample | null = null;
  #look: MemoryLook | null = null;
  #isLooking = false;

  /** @param children that run now */
  constructor(children: () => readonly WatchedChild[]) {
    this.#children = children;
  }

  /** While the app is armed; can be repeated. */
  begin(): void {
    if (this.#timer !== undefined) return;
    this.#limits = new MemoryLimits();
    this.#pollAfter(FIRST_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#followed.clear();
    this.#before = null;
    this.#look = null;
  }

  /** Of one that has just ended: its memory near a limit; null if that was not read. */
  of(child: WatchedChild): ProcessMemoryRecord | null {
    return this.#followed.get(child)?.facts ?? null;
  }

  #pollAfter(waitMs: number): void {
    this.#timer = setTimeout(() => this.#pollAfter(this.#poll(waitMs)), waitMs).unref();
  }

  /** @returns how long to wait for the next one */
  #poll(waitedMs: number): number {
    const sizes = this.#sizes();
    const [largest] = sizes;
    if (largest === undefined) return Math.min(2 * waitedMs, 1_000);
    const atMs = Date.now();
    const uses = this.#limits.read(largest.child.process.pid, atMs);
    const now = { atMs, residentBytes: largest.residentBytes, uses };
    const { look, forget, waitMs } = decideLook({ before: this.#before, now, waitedMs, look: this.#look });
    this.#before = now;
    for (const { child, residentBytes } of sizes)
      this.#follow(child).growth.remember({ atMs, residentBytes });
    if (forget) {
      this.#look = null;
      for (const followed of this.#followed.values()) followed.facts = null;
    }
    if (look && !this.#isLooking) void this.#lookAt(sizes.slice(0, MOST_READ), now);
    return waitMs;
  }

  /** Largest first. What has ended is forgotten. */
  #sizes(): Sized[] {
    const children = this.#children();
    for (const child of this.#followed.keys()) if (!children.includes(child)) this.#followed.delete(child);
    return children
      .flatMap((child): Sized[] => {
        const residentBytes = readResident(child.process.pid);
        return residentBytes === null ? [] : [{ child, residentBytes }];
      })
      .sort((one, other) => other.residentBytes - one.residentBytes);
  }

  #follow(child: WatchedChild): Followed {
    const known = this.#followed.get(child) ?? { growth: new MemoryGrowth(), facts: null };
    this.#followed.set(child, known);
    return known;
  }

  async #lookAt(largest: readonly Sized[], now: MemorySample): Promise<void> {
    this.#isLooking = true;
    const beganAt = performance.now();
    // First of all of them: to read mappings takes longer than a fast leak leaves.
    const all = largest.map(({ child, residentBytes }) => {
      const sample = { ...now, residentBytes };
      const { pid } = child.process;
      const followed = this.#follow(child);
      followed.facts = memoryFacts(pid, sample, followed.growth.until(sample));
      return { pid, followed, facts: followed.facts };
    });
    for (const { pid, followed, facts } of all)
      followed.facts = (await withMappings(pid, facts).catch(() => null)) ?? followed.facts;
    this.#look = { atMs: now.atMs, tookMs: performance.now() - beganAt, share: usedShare(now) };
    this.#isLooking = false;
  }
}
