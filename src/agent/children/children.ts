import type { Run } from '../../model/run.ts';
import type { Worker } from '../../worker/worker.ts';
import type { MonitorParts } from '../monitor-parts.ts';
import { ChildDeaths } from './child-deaths.ts';
import { ChildWatch } from './child-watch.ts';

/** Workers are started one after the other; then their number is reported. */
const REPORT_AFTER_MS = 1_000;

export type WatchedChildren = { name: string; count: number };

/** The processes below the main one whose crashes are crashes of the app: workers of a master, and those of `--children`. */
export class Children {
  readonly #parts: MonitorParts;
  readonly #watch: ChildWatch;
  readonly #deaths: ChildDeaths;
  readonly #onChange: () => void;
  #isReported = false;
  #isRefused = false;

  /** @param onChange `watched` is another now */
  constructor(parts: MonitorParts, onChange: () => void) {
    this.#parts = parts;
    this.#onChange = onChange;
    this.#deaths = new ChildDeaths(parts);
    this.#watch = new ChildWatch(parts.options.children, parts.exits, {
      started: (child) => {
        this.#deaths.started(child);
        this.#report();
      },
      ended: (child, end) => this.#deaths.ended(child, end),
      refused: ({ name }, message) => this.#refused(name, message),
    });
  }

  /** null if there are none. */
  get watched(): WatchedChildren | null {
    const { watched } = this.#watch;
    const [first] = watched;
    return first === undefined ? null : { name: first.name, count: watched.length };
  }

  /** @param oomKills in the cgroup of this run, since its start */
  begin(run: Run, worker: Worker, oomKills: () => number | null): void {
    this.#deaths.begin(run, oomKills);
    this.#watch.begin(worker);
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

  /** The main process has ended. @param crashed see `ChildDeaths` */
  end(crashed: boolean): void {
    this.#watch.end();
    this.#deaths.end(crashed);
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
