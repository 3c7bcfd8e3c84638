import { setTimeout } from 'node:timers/promises';
import type { WatchFailure } from '../../exit-watch/watch-failure.ts';
import type { CaptureMeans } from '../../model/capture-means.ts';
import { countConnections } from '../../worker/tcp-sockets.ts';
import type { DebuggerPool } from '../native/debugger-pool.ts';
import type { ChildDebugger, DebuggedEnd } from './child-debugger.ts';
import {
  type ChildEnd,
  ChildExit,
  type DumpOfHeld,
  type ExitSource,
  type WatchedChild,
} from './child-exit.ts';

/** A process that is held at its exit is released sooner. */
const ENDS_WITHIN_MS = 1_000;

type FollowedParts = {
  exits: ExitSource;
  /** null: no debugger is wanted. */
  debuggers: DebuggerPool | null;
  /** In a session, of a process that is held at its exit. */
  dumpOf: DumpOfHeld;
  /** In a session: is all memory to be kept of a process that a fatal signal ends? */
  wantsWhole: () => boolean;
  /** No debugger could be attached. */
  onRefused: (message: string) => void;
};

/**
 * One process below the main one, followed to its end: by the exit watch, or by a debugger while fatal signals are to be
 * captured. A process can have one tracer, so that one leaves before the other attaches.
 */
export class FollowedChild {
  readonly child: WatchedChild;
  readonly #parts: FollowedParts;
  #exit: ChildExit | null;
  #debugger: ChildDebugger | null = null;
  #connectionsCut: number | null = null;
  /** Why the exit watch does not watch it. */
  #failure: WatchFailure | null = null;
  #isRefused = false;
  #hasEnded = false;
  #isLeft = false;
  #switching: Promise<void> = Promise.resolve();

  constructor(child: WatchedChild, parts: FollowedParts) {
    this.child = child;
    this.#parts = parts;
    this.#exit = new ChildExit(child, parts.exits, parts.dumpOf);
  }

  /** What is attached and will capture its end; null if nothing is. */
  get armedFor(): CaptureMeans | null {
    if (this.#debugger !== null) return 'debugger';
    return this.#exit?.isArmed === true ? 'exit-watch' : null;
  }

  /** @returns why it is not watched; null if it is */
  async watch(): Promise<WatchFailure | null> {
    return (await this.#exit?.watch()) ?? null;
  }

  /** Has what ends it captured so, if that is possible; can be repeated. @returns is it armed since this call? */
  async arm(means: CaptureMeans | null): Promise<boolean> {
    const wantsDebugger = means === 'debugger' && this.#canBeDebugged();
    if (wantsDebugger !== (this.#debugger !== null) && (await this.#switch(wantsDebugger))) return true;
    // Beside a debugger there is none.
    return means === null ? false : ((await this.#exit?.arm()) ?? false);
  }

  /** Once it is watched. null: it was left, or the watch has ended. Else why it is not watched any more. */
  async ended(): Promise<ChildEnd | WatchFailure | null> {
    while (!this.#isLeft) {
      const tracer = this.#debugger ?? this.#exit;
      if (tracer === null) return this.#failure;
      const end = await this.#endOfWatch();
      if (end !== null) {
        this.#hasEnded = true;
        return end;
      }
      await this.#switching;
      if ((this.#debugger ?? this.#exit) === tracer) return null;
    }
    return null;
  }

  /** The process runs on. */
  async leave(): Promise<void> {
    this.#isLeft = true;
    await this.#switching;
    await Promise.all([this.#exit?.leave(), this.#debugger?.leave()]);
  }

  #canBeDebugged(): boolean {
    const { debuggers } = this.#parts;
    if (debuggers === null || this.#isRefused) return false;
    if (this.#debugger !== null || debuggers.shortage === null) return true;
    this.#parts.onRefused(debuggers.shortage);
    return false;
  }

  async #endOfWatch(): Promise<ChildEnd | null> {
    const attached = this.#debugger;
    if (attached === null) return (await this.#exit?.ended()) ?? null;
    const end = await attached.ended;
    if (end.type === 'left') this.#lost(attached, end);
    return end.type === 'left' ? null : this.#debuggedEnd(end);
  }

  #debuggedEnd({ status, atMs, fault }: DebuggedEnd & { type: 'ended' }): ChildEnd {
    const connectionsCut = fault === null ? null : this.#connectionsCut;
    return { status, atMs, connectionsCut, reading: null, fault, armedFor: 'debugger' };
  }

  /** The debugger has left by itself, or is gone. */
  #lost(attached: ChildDebugger, { canReturn }: { canReturn: boolean }): void {
    if (this.#debugger !== attached) return;
    if (!canReturn) this.#isRefused = true;
    void this.#switch(false);
  }

  #switch(toDebugger: boolean): Promise<boolean> {
    const done = this.#switching.then(async () => {
      if (this.#hasEnded || this.#isLeft || toDebugger === (this.#debugger !== null)) return false;
      if (toDebugger) return await this.#attach();
      const attached = this.#debugger;
      await attached?.leave();
      const end = await attached?.ended;
      if (end?.type === 'ended') return false;
      this.#debugger = null;
      await this.#watchAgain();
      return false;
    });
    this.#switching = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  async #attach(): Promise<boolean> {
    const exit = this.#exit;
    const { debuggers, wantsWhole } = this.#parts;
    if (exit === null || debuggers === null) return false;
    const { debugChild } = await import('./child-debugger.ts');
    const { pid } = this.child.process;
    const attached = await debugChild({
      ...{ pid, pool: debuggers, wantsWhole },
      vacate: async () => {
        await exit.leave();
        if ((await exit.ended()) !== null) return false;
        this.#exit = null;
        return true;
      },
      onHeld: () => {
        this.#connectionsCut = countConnections(pid);
      },
    });
    if (!('failed' in attached)) {
      this.#debugger = attached;
      return true;
    }
    this.#isRefused = !attached.isShort;
    if (this.#exit === null) await this.#watchAgain();
    if (this.#exit !== null) void this.#refused(this.#exit, attached.failed, attached.isShort);
    return false;
  }

  /** It is said of a process that runs on. */
  async #refused(exit: ChildExit, message: string, isShort: boolean): Promise<void> {
    // Held at its exit, it looks like one that was stopped.
    if (isShort) await Promise.race([exit.ended(), setTimeout(ENDS_WITHIN_MS, null, { ref: false })]);
    const isSettled = this.#debugger !== null || this.#hasEnded || this.#isLeft;
    if (!isSettled) this.#parts.onRefused(message);
  }

  async #watchAgain(): Promise<void> {
    const exit = new ChildExit(this.child, this.#parts.exits, this.#parts.dumpOf);
    this.#failure = await exit.watch();
    this.#exit = this.#failure === null ? exit : null;
  }
}
