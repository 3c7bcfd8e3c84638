import { setTimeout as delay } from 'node:timers/promises';
import { readProcessStat } from '../../worker/process-info.ts';
import type { HostSource, ServiceExit, ServiceStart, SourceListener } from '../source.ts';
import { LateWords } from '../workers/late-words.ts';
import { asRecord, type Container, readContainer, serviceOf } from './container.ts';
import { readLastWords } from './container-log.ts';
import { EngineApi } from './engine-api.ts';
import { type EngineEvent, EVENTS_PATH, readEngineEvent } from './engine-event.ts';
import { isStartedAgain, wasAsked } from './was-asked.ts';

export type EngineOptions = {
  kind: 'docker' | 'podman';
  socketPath: string;
  reconnectMs?: readonly number[];
};

const RECONNECT_MS = [1_000, 2_000, 5_000, 15_000, 60_000];
/** Podman starts a container again within a second, unless a user stopped it. */
const STOPPED_AFTER_MS = 15_000;

type Running = {
  container: Container;
  start: ServiceStart;
  signals: (number | null)[];
  isRestarted: boolean;
  isOom: boolean;
};
/** A run that has ended. */
type Ended = { running: Running; exitCode: number | null; atMs: number; timer: NodeJS.Timeout };

/** Containers of Docker or Podman, by the events of the engine. */
export class EngineSource implements HostSource {
  readonly kind: EngineOptions['kind'];
  readonly #socketPath: string;
  readonly #api: EngineApi;
  readonly #reconnectMs: readonly number[];
  readonly #running = new Map<string, Running>();
  /** It shows later whether a user stopped them. */
  readonly #ended = new Map<string, Ended>();
  readonly #end = new AbortController();
  /** Events of the engine, one after the other: each needs an answer of its own. */
  #order: Promise<void> = Promise.resolve();
  #listener: SourceListener | null = null;
  #isRefused = false;

  constructor({ kind, socketPath, reconnectMs = RECONNECT_MS }: EngineOptions) {
    this.kind = kind;
    this.#socketPath = socketPath;
    this.#api = new EngineApi(socketPath);
    this.#reconnectMs = reconnectMs;
  }

  /** Returns without an error if there is no engine: it is looked for again. */
  async begin(listener: SourceListener): Promise<void> {
    this.#listener = listener;
    await this.#list().catch(() => {});
    void this.#follow();
  }

  async end(): Promise<void> {
    this.#listener = null;
    this.#end.abort();
    for (const { timer } of this.#ended.values()) clearTimeout(timer);
    await this.#order;
  }

  async #follow(): Promise<void> {
    for (let failed = 0; !this.#end.signal.aborted; ) {
      try {
        const events = this.#api.stream(EVENTS_PATH, this.#end.signal, (value) => {
          failed = 0;
          const event = readEngineEvent(value);
          if (event !== null) this.#queue(() => this.#heard(event));
        });
        // What started before the events began.
        this.#queue(() => this.#list());
        await events;
      } catch (error) {
        // There is no engine, or it has ended: its containers can go on.
        if ((error as NodeJS.ErrnoException).code === 'EACCES') this.#refused();
      }
      const waitMs = this.#reconnectMs[Math.min(failed++, this.#reconnectMs.length - 1)];
      await delay(waitMs, undefined, { ref: false, signal: this.#end.signal }).catch(() => {});
    }
  }

  #refused(): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.#listener?.problem(
      `Containers are not watched: only root and a group can use ${this.#socketPath}. Run crashmon agent as root.`,
    );
  }

  #queue(work: () => Promise<void>): void {
    this.#order = this.#order.then(work).catch(() => {});
  }

  async #list(): Promise<void> {
    const found = await this.#api.json('/containers/json');
    const ids = (Array.isArray(found) ? found : []).map((one: unknown) => `${asRecord(one).Id}`);
    for (const id of ids) await this.#started(id);
    for (const [id, { start }] of this.#running) {
      if (ids.includes(id)) continue;
      this.#running.delete(id);
      this.#listener?.missed(start.service, 1);
    }
  }

  async #heard(event: EngineEvent): Promise<void> {
    const running = this.#running.get(event.id);
    if (event.what === 'start') {
      await this.#startedAgain(event.id);
      await this.#started(event.id);
    } else if (event.what === 'destroy' || event.what === 'remove') {
      await this.#reportEnded(event.id, false);
      if (running !== undefined) this.#listener?.gone(running.start.service);
    } else if (running === undefined) return;
    else if (event.what === 'kill') running.signals.push(event.signal);
    else if (event.what === 'oom') running.isOom = true;
    // Docker says it once the next run has begun.
    else if (event.what === 'restart') running.isRestarted ||= this.kind === 'podman';
    else await this.#died(running, event);
  }

  async #started(id: string): Promise<void> {
    const container = await this.#inspect(id);
    // A unit of systemd runs it, and reports its exits.
    const isUnit = container?.labels.PODMAN_SYSTEMD_UNIT !== undefined;
    if (container === null || container.pid === 0 || isUnit) return;
    const key = `${this.kind}/${id}/${container.startedAt}`;
    const before = this.#running.get(id);
    if (before?.start.key === key) return;
    const service = serviceOf(this.kind, container);
    const startTicks = readProcessStat(container.pid)?.startTicks ?? null;
    const startedAtMs = Date.parse(container.startedAt) || Date.now();
    const keepsRoot = isStartedAgain(container.restart, null, container.restarts);
    const words = new LateWords((fromMs, untilMs) => readLastWords(this.#api, container, fromMs, untilMs));
    const start: ServiceStart = {
      ...{ service, key, pid: container.pid, startTicks, startedAtMs, keepsRoot },
      wordsOf: (_worker, endedAtMs) => words.of(endedAtMs),
    };
    // It ended while nothing was heard of the engine.
    if (before !== undefined) this.#listener?.missed(service, 1);
    this.#running.set(id, { container, start, signals: [], isRestarted: false, isOom: false });
    this.#listener?.started(start);
  }

  async #died(running: Running, { id, exitCode, atMs }: EngineEvent): Promise<void> {
    const { container } = running;
    this.#running.delete(id);
    const isUnclear =
      this.kind === 'podman' &&
      !wasAsked(running, exitCode) &&
      isStartedAgain(container.restart, exitCode, container.restarts);
    const timer = setTimeout(() => this.#queue(() => this.#reportEnded(id, true)), STOPPED_AFTER_MS).unref();
    this.#ended.set(id, { running, exitCode, atMs, timer });
    if (!isUnclear) await this.#reportEnded(id, false);
  }

  /** By its own count, the engine did it; else a user. */
  async #startedAgain(id: string): Promise<void> {
    const restarts = this.#ended.get(id)?.running.container.restarts;
    if (restarts === undefined) return;
    const now = (await this.#inspect(id))?.restarts;
    await this.#reportEnded(id, now !== undefined && now <= restarts);
  }

  async #reportEnded(id: string, isStopped: boolean): Promise<void> {
    const ended = this.#ended.get(id);
    if (ended === undefined) return;
    this.#ended.delete(id);
    clearTimeout(ended.timer);
    const { running, exitCode, atMs } = ended;
    const { container, start, isOom } = running;
    const after = isOom ? null : await this.#inspect(id);
    const isOomKilled = isOom || (after?.startedAt === container.startedAt && after.isOomKilled);
    void this.#bring({
      start,
      status: exitCode === null ? { type: 'unknown' } : { type: 'code', code: exitCode },
      endedAtMs: atMs,
      asked: (isStopped || wasAsked(running, exitCode)) && !isOomKilled,
      because: isOomKilled ? 'oom-kill' : null,
      lastWords: () => readLastWords(this.#api, container, start.startedAtMs, atMs),
    });
  }

  /** Other containers do not wait until it is stored. */
  async #bring(exit: ServiceExit): Promise<void> {
    const isStored = await this.#listener?.exited(exit);
    if (isStored === false) this.#listener?.missed(exit.start.service, 1);
  }

  async #inspect(id: string): Promise<Container | null> {
    if (!/^[0-9a-f]{12,64}$/.test(id)) return null;
    try {
      return readContainer(await this.#api.json(`/containers/${id}/json`));
    } catch {
      // It was removed.
      return null;
    }
  }
}
