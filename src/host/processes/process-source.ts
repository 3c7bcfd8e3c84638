import { readFileSync } from 'node:fs';
import { systemClock } from '../../agent/clock.ts';
import { containerAttributes, parseContainerCgroup } from '../../formats/procfs/container-cgroup.ts';
import { isAlive } from '../../worker/process-info.ts';
import type { HostExits } from '../capture/host-exits.ts';
import type { WatchRule } from '../discover/watch-rule.ts';
import type { HostSource, Service, ServiceStart, SourceListener } from '../source.ts';
import { startedAtMs } from '../started-at.ts';
import type { NewProcesses } from './new-processes.ts';
import { type FoundProcess, ORPHAN_MS, ProcessFinder } from './process-finder.ts';
import { StderrFile } from './stderr-file.ts';
import { watchExit } from './watch-exit.ts';

export type ProcessSourceOptions = {
  /** Asked at every scan: a reload can change them. */
  rules: () => readonly WatchRule[];
  /** null: of a process only the end is known. */
  exits: Pick<HostExits, 'watch'> | null;
  started: NewProcesses;
};

/** A program can change its own command line. */
const SCAN_ANYWAY_MS = 60_000;
/** What restarts a process does it soon. */
const SCAN_AFTER_EXIT_MS = [10, 50, 200, 500, 1_000];
/** Of one rule: a glob that fits everything is a mistake. */
const MAX_REPLICAS = 50;

/** Processes that no supervisor reports: found by their command line, as `--watch NAME=COMMAND` says. */
export class ProcessSource implements HostSource {
  readonly kind = 'process';
  readonly #options: ProcessSourceOptions;
  readonly #finder = new ProcessFinder();
  /** By rule and number. */
  readonly #running = new Map<string, FoundProcess>();
  /** Process IDs, with start times, of which the end is reported: they can be seen until their parents know it. */
  readonly #reported = new Map<number, number>();
  readonly #bootId = systemClock()().bootId;
  #listener: SourceListener | null = null;
  #isRefused = false;
  #timer: NodeJS.Timeout | undefined;
  #started: Disposable | null = null;
  #soon = SCAN_AFTER_EXIT_MS.length;

  constructor(options: ProcessSourceOptions) {
    this.#options = options;
  }

  async begin(listener: SourceListener): Promise<void> {
    this.#listener = listener;
    this.#started = this.#options.started.on(({ pids }) => this.scan(pids));
    this.scan();
    this.#scanLater();
  }

  async end(): Promise<void> {
    this.#listener = null;
    this.#started?.[Symbol.dispose]();
    clearTimeout(this.#timer);
  }

  #scanLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#soon += 1;
        this.scan();
        if (this.#listener !== null) this.#scanLater();
      },
      SCAN_AFTER_EXIT_MS[this.#soon] ?? (this.#finder.isWaiting ? ORPHAN_MS : SCAN_ANYWAY_MS),
    ).unref();
  }

  /** The rules can be others now. */
  scan(pids?: readonly number[]): void {
    if (this.#listener === null) return;
    const known = new Set([...this.#running.values()].map(({ pid }) => pid));
    for (const [pid, startTicks] of this.#reported) {
      if (isAlive(pid, startTicks)) known.add(pid);
      else this.#reported.delete(pid);
    }
    for (const rule of this.#options.rules()) {
      if (!('command' in rule)) continue;
      for (const found of this.#finder.find(rule.command, pids)) {
        if (known.has(found.pid)) continue;
        const replica = this.#freeReplica(rule.name);
        if (replica === null) break;
        known.add(found.pid);
        void this.#follow(found, { ...serviceOf(rule.name, replica), attributes: attributesOf(found.pid) });
      }
    }
  }

  /** The first of a rule has the name alone; the number of one that ended goes to the next. */
  #freeReplica(name: string): number | null {
    for (let replica = 1; replica <= MAX_REPLICAS; replica++) {
      if (!this.#running.has(serviceOf(name, replica).id)) return replica;
    }
    return null;
  }

  #refused(why: string): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.#listener?.problem(`How processes end is unknown: ${why}.`);
  }

  async #follow(found: FoundProcess, service: Service): Promise<void> {
    const { pid, startTicks } = found;
    this.#running.set(service.id, found);
    using stderr = StderrFile.of(pid);
    const key = `process/${this.#bootId}/${pid}/${startTicks}`;
    const { ended } = await watchExit(this.#options.exits, { pid, startTicks }, (why) => this.#refused(why));
    // By the clock as it is set when it is reported.
    const start: ServiceStart = {
      ...{ service, key, pid, startTicks, startedAtMs: startedAtMs(startTicks) },
      wordsOf: async (_worker, endedAtMs) => stderr?.takeWords(endedAtMs) ?? null,
    };
    this.#listener?.started(start);
    const { status, atMs } = await ended;
    this.#running.delete(service.id);
    this.#reported.set(pid, startTicks);
    this.#soon = 0;
    if (this.#listener === null) return;
    this.#scanLater();
    const endedAtMs = atMs();
    const isStored = await this.#listener.exited({
      ...{ start, status, endedAtMs, asked: false, because: null },
      lastWords: async () => stderr?.lastWords(endedAtMs) ?? null,
    });
    if (!isStored) this.#listener?.missed(service, 1);
  }
}

/** The container that it is in, if any. */
function attributesOf(pid: number): Record<string, string> {
  try {
    return containerAttributes(parseContainerCgroup(readFileSync(`/proc/${pid}/cgroup`, 'utf8')));
  } catch {
    // It has ended.
    return {};
  }
}

function serviceOf(name: string, replica: number): Service {
  const id = replica === 1 ? `process:${name}` : `process:${name}:${replica}`;
  return { id, source: 'process', name, replica: replica === 1 ? null : String(replica), attributes: {} };
}
