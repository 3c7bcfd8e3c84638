import type { HeldProcess } from '../../exit-watch/held-process.ts';
import type { UncaughtReader, UncaughtReading } from '../../exit-watch/uncaught-reader.ts';
import type { WatchFailure } from '../../exit-watch/watch-failure.ts';
import type { WatchTarget } from '../../exit-watch/watch-target.ts';
import type { WatchedExit } from '../../exit-watch/watched-exit.ts';
import type { CaptureMeans } from '../../model/capture-means.ts';
import type { EndedChild } from '../../model/ended-process.ts';
import type { ExitStatus } from '../../model/exit.ts';
import type { HeldDump } from '../../model/held-dump.ts';
import type { ObservedProgram } from '../../model/observed-program.ts';
import { countConnections } from '../../worker/tcp-sockets.ts';
import type { FaultCapture } from '../native/native-watch.ts';

/** A process below the main one whose end counts. */
export type WatchedChild = {
  process: EndedChild;
  startTicks: number;
  /** Wall-clock time, within 10 ms. */
  startedAtMs: number;
  /** What it runs; null if it could not be read. */
  program: ObservedProgram | null;
};

export type ChildEnd = {
  status: ExitStatus;
  atMs: number;
  /** With its clients, at its exit; null if they could not be counted. */
  connectionsCut: number | null;
  /** What ended it; null if that was not wanted, or cannot be read. */
  reading: UncaughtReading | null;
  /** The fatal signal that ended it; null if no debugger saw one. */
  fault: FaultCapture | null;
  /** In a session: its dump, where no fatal signal ended it. */
  heldDump?: HeldDump | null;
  /** What was attached to capture its end; null if nothing was. */
  armedFor: CaptureMeans | null;
};

/** It is gone, and how it ended is not known: between two tracers, or while the exit watch was started again. */
export function unseenEnd(atMs: number): ChildEnd {
  const status = { type: 'unknown' } as const;
  return { status, atMs, connectionsCut: null, reading: null, fault: null, armedFor: null };
}

/** Reports how processes end that are not our children. */
export type ExitSource = {
  /** The exit is held. @returns why it is not watched, if it is not */
  watch(target: WatchTarget): Promise<WatchedExit | WatchFailure>;
  /** Loaded when it is needed. */
  reader(): Promise<Pick<UncaughtReader, 'expect' | 'selfTest'>>;
};

/** The dump of a process that is held at its exit; null if none is wanted. */
export type DumpOfHeld = (held: HeldProcess) => HeldDump | null;

/** A process that is just executing Node has no heap to read yet, on a busy machine for seconds; an older one gets none. */
const BOOTS_WITHIN_MS = 30_000;

/** The exit watch of one process below the main one. */
export class ChildExit {
  readonly child: WatchedChild;
  readonly #exits: ExitSource;
  #exit: WatchedExit | null = null;
  #reading: Promise<UncaughtReading> | null = null;
  #isUnreadable = false;
  #isArmed = false;
  #connectionsCut: number | null = null;
  readonly #dumpOf: DumpOfHeld;
  #heldDump: HeldDump | null = null;

  constructor(child: WatchedChild, exits: ExitSource, dumpOf: DumpOfHeld) {
    this.child = child;
    this.#exits = exits;
    this.#dumpOf = dumpOf;
  }

  /** What ends it will be read. */
  get isArmed(): boolean {
    return this.#isArmed;
  }

  /** @returns why it is not watched; null if it is */
  async watch(): Promise<WatchFailure | null> {
    const { process, startTicks } = this.child;
    const exit = await this.#exits.watch({ pid: process.pid, startTicks });
    if ('failed' in exit) return exit;
    exit.onHeld(({ pid, isStillHeld }) => {
      const count = countConnections(pid);
      this.#connectionsCut = isStillHeld() ? count : null;
    });
    this.#exit = exit;
    return null;
  }

  /** Has what ends it read, if that is possible; can be repeated. @returns is it armed since this call? */
  async arm(): Promise<boolean> {
    const { program, startedAtMs } = this.child;
    if (this.#reading !== null || this.#exit === null || program?.runtime !== 'node') return false;
    if (this.#isUnreadable) return false;
    const reader = await this.#exits.reader();
    const isFirst = this.#reading === null;
    this.#reading ??= reader.expect(this.#exit, startedAtMs);
    this.#isUnreadable = this.#reading === null && Date.now() - startedAtMs > BOOTS_WITHIN_MS;
    if (this.#reading === null || this.#isArmed) return false;
    // After the exception was read.
    if (isFirst)
      this.#exit.onHeld((held) => {
        this.#heldDump = this.#dumpOf(held);
      });
    // Code that has run once is fast enough; where the test is too slow, a capture can still come in time.
    await reader.selfTest();
    if (this.#isArmed) return false;
    this.#isArmed = true;
    return true;
  }

  /** Once it is watched. null: it was left, or the watch has ended. */
  async ended(): Promise<ChildEnd | null> {
    const end = (await this.#exit?.exited) ?? null;
    if (end === null) return null;
    const reading = await this.#reading;
    const armedFor = this.#reading === null ? null : 'exit-watch';
    return {
      ...end,
      connectionsCut: this.#connectionsCut,
      reading,
      fault: null,
      heldDump: this.#heldDump,
      armedFor,
    };
  }

  /** The process runs on. */
  async leave(): Promise<void> {
    await this.#exit?.leave();
  }
}
