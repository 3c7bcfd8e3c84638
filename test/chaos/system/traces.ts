import { readFileSync } from 'node:fs';
import { uptimeS } from './uptime.ts';

/** How a process was when it was looked at last. */
export type Trace = { pid: number; isTraced: boolean; atS: number };

/** Nothing traces what waits to be reaped. */
const ENDED = /^State:\s*[ZX]/m;
const LOOK_EVERY_MS = 25;
const KEPT_S = 5;

/** Looks from outside whether something traces a process, as crashmon does to learn how it ends. */
export class Traces implements Disposable {
  /** The newest one is the last. */
  readonly all: Trace[] = [];
  readonly #timer: NodeJS.Timeout;

  /** @param current the process to look at; null if there is none */
  constructor(current: () => number | null) {
    this.#timer = setInterval(() => {
      const pid = current();
      const isTraced = pid === null ? null : tracedNow(pid);
      if (pid === null || isTraced === null) return;
      const newest = this.all.at(-1);
      const seen = { pid, isTraced, atS: uptimeS() };
      if (newest?.pid === pid && seen.atS - newest.atS < KEPT_S) Object.assign(newest, seen);
      else this.all.push(seen);
    }, LOOK_EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** null if it has ended. */
function tracedNow(pid: number): boolean | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    if (ENDED.test(status)) return null;
    return !/^TracerPid:\s*0$/m.test(status);
  } catch {
    return null;
  }
}
