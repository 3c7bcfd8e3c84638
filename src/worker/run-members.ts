import { existsSync } from 'node:fs';
import { hasEnded, type ProcessStat } from '../formats/procfs/process-stat.ts';
import { isAlive, listChildren, listProcesses, readNewestPid, readProcessStat } from './process-info.ts';
import { listAdopted, listReapers } from './reapers.ts';
import { readMarker } from './run-marker.ts';

/** A process that belongs to a run, safe from the reuse of process ids. */
export type Member = { pid: number; startTicks: number };

/** When descendants are noted: most are there moments after the start, and servers rarely start more later. */
const NOTE_AFTER_MS = [250, 1_000, 4_000, 15_000];
const NOTE_EVERY_MS = 60_000;

/**
 * The processes of one run, besides its worker. A member carries the run's marker in its environment, or was seen as a
 * descendant of the worker while that ran: programs that write their title over their environment (nginx, PostgreSQL)
 * lose the marker. Never found by name, session or process group, which others share.
 *
 * A process with the marker of another run belongs to another crashmon.
 */
export class RunMembers implements Disposable {
  readonly #runId: string;
  readonly #worker: Member;
  readonly #noted = new Map<number, number>();
  /**
   * The newest process ID at the last check; null once IDs may have wrapped around since the worker's start. Until then
   * only IDs above the worker's need to be checked.
   */
  #newestPid: number | null;
  readonly #reapers: readonly number[] | null;
  #notes = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param isFresh whether the worker was started just now */
  constructor(runId: string, worker: Member, isFresh: boolean) {
    this.#runId = runId;
    this.#worker = worker;
    this.#newestPid = isFresh ? worker.pid : null;
    this.#reapers = isFresh ? listReapers() : null;
  }

  /** Notes descendants from time to time while the worker runs: they are unknown once it has ended. */
  watch(): this {
    this.#timer = setTimeout(
      () => {
        this.note();
        this.watch();
      },
      NOTE_AFTER_MS[this.#notes++] ?? NOTE_EVERY_MS,
    );
    this.#timer.unref();
    return this;
  }

  /** The worker was sent a signal that can make it start or replace processes. */
  expectMore(): void {
    this.#notes = 0;
    this[Symbol.dispose]();
    this.watch();
  }

  /** Notes the descendants that the worker has now. */
  note(): void {
    for (const [pid, startTicks] of this.#noted) {
      if (!isAlive(pid, startTicks)) this.#noted.delete(pid);
    }
    this.#followNewestPid();
    if (!this.#workerIsAlive()) return;
    const pending = listChildren(this.#worker.pid);
    for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
      const stat = readProcessStat(pid);
      if (stat === null || !this.#mayBeMember(stat)) continue;
      if (this.#noted.get(pid) !== stat.startTicks) {
        if (this.#isOfAnotherRun(readMarker(pid))) continue;
        this.#noted.set(pid, stat.startTicks);
      }
      pending.push(...listChildren(pid));
    }
  }

  /** All members that are alive, without the worker. */
  find(): Member[] {
    this.#followNewestPid();
    const young = this.#descendants() ?? this.#younger();
    const workerIsAlive = this.#workerIsAlive();
    const known = new Map<number, boolean>();
    const isMember = (pid: number): boolean => {
      const stat = young.get(pid);
      if (stat === undefined) return false;
      const before = known.get(pid);
      if (before !== undefined) return before;
      // Parents were read one after the other, so a reused process id could seem to close a circle.
      known.set(pid, false);
      const marker = readMarker(pid);
      const answer =
        marker === this.#runId ||
        (!this.#isOfAnotherRun(marker) &&
          (this.#noted.get(pid) === stat.startTicks ||
            (workerIsAlive && stat.ppid === this.#worker.pid) ||
            isMember(stat.ppid)));
      known.set(pid, answer);
      return answer;
    };
    return [...young.values()].filter(({ pid }) => isMember(pid));
  }

  /**
   * What has left the worker's tree since its start, with all below; null while the worker is there, or if they cannot be
   * found like this. A restart waits for it, and reading all of /proc takes 3 µs for each process of the machine.
   */
  #descendants(): Map<number, ProcessStat> | null {
    if (this.#newestPid === null || this.#reapers === null) return null;
    if (existsSync(`/proc/${this.#worker.pid}`)) return null;
    const pending = listAdopted(this.#reapers);
    if (pending === null) return null;
    pending.push(...this.#noted.keys());
    const found = new Map<number, ProcessStat>();
    for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
      if (pid < this.#worker.pid || found.has(pid)) continue;
      const stat = readProcessStat(pid);
      if (stat === null || !this.#mayBeMember(stat)) continue;
      found.set(pid, stat);
      pending.push(...listChildren(pid));
    }
    return found;
  }

  /** All processes that are not older than the worker. */
  #younger(): Map<number, ProcessStat> {
    const above = this.#newestPid === null ? 0 : this.#worker.pid;
    const young = new Map<number, ProcessStat>();
    for (const pid of listProcesses()) {
      if (pid < above) continue;
      const stat = readProcessStat(pid);
      if (stat !== null && this.#mayBeMember(stat)) young.set(stat.pid, stat);
    }
    return young;
  }

  #followNewestPid(): void {
    const newest = readNewestPid();
    this.#newestPid = this.#newestPid !== null && newest >= this.#newestPid ? newest : null;
  }

  #workerIsAlive(): boolean {
    return isAlive(this.#worker.pid, this.#worker.startTicks);
  }

  #isOfAnotherRun(marker: string | null): boolean {
    return marker !== null && marker !== this.#runId;
  }

  /** No member is older than the worker. */
  #mayBeMember(stat: ProcessStat): boolean {
    const { pid, startTicks } = stat;
    const isOther = pid !== process.pid && pid !== this.#worker.pid;
    return isOther && startTicks >= this.#worker.startTicks && !hasEnded(stat);
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
