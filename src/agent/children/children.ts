import type { CaptureMeans } from '../../model/capture-means.ts';
import type { NoCapture } from '../../model/no-capture.ts';
import type { EndedRun, Run } from '../../model/run.ts';
import { type CrashEnd, crashEndOf } from '../../policy/service-capture.ts';
import type { Worker } from '../../worker/worker.ts';
import { MAX_DEBUGGED_CHILDREN } from '../native/debugger-pool.ts';
import { ChildDeaths } from './child-deaths.ts';
import { ChildWatch, type MainProcess } from './child-watch.ts';
import { ChildrenMemory } from './children-memory.ts';
import type { ChildrenParts } from './children-parts.ts';

/** Workers are started one after the other; then their number is reported. */
const REPORT_AFTER_MS = 1_000;

export type WatchedChildren = {
  name: string;
  count: number;
  /** What ends so many of them will be captured. */
  armed: number;
  /** By this. */
  means: CaptureMeans;
};

/** The processes below the main one whose crashes are crashes of the app: workers of a master, and those of `--children`. */
export class Children {
  readonly #parts: ChildrenParts;
  readonly #watch: ChildWatch;
  readonly #deaths: ChildDeaths;
  readonly #memory: ChildrenMemory;
  readonly #onChange: (recorded?: EndedRun) => void;
  #isReported = false;
  #isRefused = false;
  #saidNotDebugged: string | null = null;
  /** It was reported. */
  #isArmed = false;
  #newest: CrashEnd | null = null;

  /** @param onChange `watched` is another now, or this was recorded */
  constructor(parts: ChildrenParts, onChange: (recorded?: EndedRun) => void) {
    this.#parts = parts;
    this.#onChange = onChange;
    this.#deaths = new ChildDeaths(parts, (ended) => this.#recorded(ended));
    this.#watch = new ChildWatch(parts, {
      started: (child) => {
        this.#deaths.started(child);
        this.#report();
      },
      ended: (child, end) => this.#deaths.ended(child, end, this.#memory.of(child)),
      refused: ({ name }, message) => this.#refused(name, message),
      wantsCapture: () => this.#means(),
      armed: () => this.#armed(),
      notDebugged: (message) => void this.#notDebugged(message),
    });
    this.#memory = new ChildrenMemory(() => this.#watch.watched.map(({ child }) => child));
  }

  /** null if there are none. */
  get watched(): WatchedChildren | null {
    const { watched } = this.#watch;
    const [first] = watched;
    if (first === undefined) return null;
    const wanted = this.#means();
    const armed = watched.filter(({ armedFor }) => armedFor !== null && armedFor === wanted).length;
    return { name: first.child.process.name, count: watched.length, armed, means: wanted ?? 'exit-watch' };
  }

  /** @param oomKills in the cgroup of this run, since its start */
  begin(run: Run, worker: MainProcess, oomKills: () => number | null): void {
    this.#deaths.begin(run, oomKills);
    this.#watch.begin(worker);
    this.#followMemory();
  }

  /** The app was armed or disarmed. */
  arm(): void {
    if (this.#means() === null) this.#isArmed = false;
    this.#watch.arm();
    this.#followMemory();
  }

  /** The same worker; a signal can make it start or replace processes. */
  noting(worker: Worker): Worker {
    return {
      ...worker,
      signal: (name) => {
        this.#watch.hurry();
        worker.signal(name);
      },
    };
  }

  /** The main process has ended; `end` comes later. */
  leave(): void {
    this.#memory.end();
    this.#watch.end();
  }

  /** The main process has ended. @param crashed see `ChildDeaths` */
  end(crashed: boolean): Promise<void> {
    this.leave();
    return this.#deaths.end(crashed);
  }

  #followMemory(): void {
    if (this.#parts.wantsCapture() && this.#watch.isWatching) this.#memory.begin();
    else this.#memory.end();
  }

  /** By what the newest of their crashes was. */
  #means(): CaptureMeans | null {
    const { wantsCapture, newestEnd, sessionMeans } = this.#parts;
    if (!wantsCapture()) return null;
    this.#newest ??= newestEnd();
    const means = sessionMeans(this.#newest);
    if (means !== null) return means;
    return this.#newest === 'signal' ? 'debugger' : 'exit-watch';
  }

  #recorded(ended: EndedRun): void {
    const { status, verdict, crashesInWindow } = ended;
    const { exits, debuggers, settings, wantsCapture } = this.#parts;
    const newest = verdict.counted ? crashEndOf(status) : null;
    if (newest !== null && newest !== this.#newest) this.#isArmed = false;
    this.#newest = newest ?? this.#newest;
    const isNext = verdict.counted && crashesInWindow >= settings.armAfter && !wantsCapture();
    const isNode = this.#watch.watched.some(({ child }) => child.program?.runtime === 'node');
    if (isNext && this.#newest === 'signal') void debuggers?.prepare();
    // The first exception takes longer to read: before one is expected, the code runs once.
    else if (isNext && isNode) void exits.reader().then((reader) => reader.selfTest());
    this.arm();
    this.#onChange(ended);
  }

  #armed(): void {
    void this.#setNoDebugger(null);
    this.#onChange();
    const { watched } = this;
    if (watched === null || this.#isArmed) return;
    const most = watched.means === 'debugger' ? MAX_DEBUGGED_CHILDREN : watched.count;
    if (watched.armed < Math.min(watched.count, most)) return;
    this.#isArmed = true;
    this.#parts.emit({ event: 'children', ...watched });
  }

  async #notDebugged(message: string): Promise<void> {
    if (this.#parts.isStopping() || (this.watched?.armed ?? 0) > 0) return;
    await this.#setNoDebugger({ why: 'no-debugger', runtime: null, code: null });
    this.#onChange();
    if (this.#saidNotDebugged === message) return;
    this.#saidNotDebugged = message;
    const { name = 'the app' } = this.watched ?? {};
    this.#parts.emit({
      event: 'problem',
      message: `The next fatal signal of a worker of ${name} cannot be captured: ${message}.`,
    });
  }

  /** "Armed" is only said where a capture can come. */
  async #setNoDebugger(noCapture: NoCapture | null): Promise<void> {
    const memory = (await this.#parts.settling())?.memory;
    const before = memory?.policy.noCapture ?? null;
    const isOurs = noCapture === null ? before?.why === 'no-debugger' : before === null;
    if (isOurs) memory?.setNoCapture(noCapture);
  }

  #report(): void {
    if (this.#isReported) return;
    this.#isReported = true;
    setTimeout(() => {
      const { watched } = this;
      if (watched === null) return;
      this.#parts.emit({ event: 'children', ...watched });
      this.#onChange();
    }, REPORT_AFTER_MS).unref();
  }

  #refused(name: string, message: string): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.#parts.emit({ event: 'problem', message: `Crashes of ${name} processes are not seen: ${message}.` });
  }
}
