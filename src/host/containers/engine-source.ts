import { setTimeout as delay } from 'node:timers/promises';
import type { LiveTail } from '../../agent/raw-run.ts';
import { readProcessStat } from '../../worker/process-info.ts';
import type { HostSource, ServiceExit, ServiceStart, SourceListener } from '../source.ts';
import { asRecord, type Container, readContainer, serviceOf } from './container.ts';
import { readContainerLog } from './container-log.ts';
import { EngineApi } from './engine-api.ts';
import { type EngineEvent, EVENTS_PATH, readEngineEvent } from './engine-event.ts';

export type EngineOptions = {
  kind: 'docker' | 'podman';
  socketPath: string;
  reconnectMs?: readonly number[];
};

const RECONNECT_MS = [1_000, 2_000, 5_000, 15_000, 60_000];
const WORDS_BYTES = 1024 * 1024;
const EVIDENCE_BYTES = 64 * 1024;
/** SIGINT, SIGQUIT, SIGKILL, SIGTERM. Others, such as SIGHUP, ask for something else. */
const ENDING_SIGNALS = [2, 3, 9, 15];
const LOG_LINES = 2_000;

type Running = { container: Container; start: ServiceStart; isKilled: boolean; isOom: boolean };

/** Containers of Docker or Podman, by the events of the engine. */
export class EngineSource implements HostSource {
  readonly kind: EngineOptions['kind'];
  readonly #socketPath: string;
  readonly #api: EngineApi;
  readonly #reconnectMs: readonly number[];
  readonly #running = new Map<string, Running>();
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
    if (event.what === 'start') await this.#started(event.id);
    else if (running === undefined) return;
    else if (event.what === 'kill') running.isKilled ||= ENDING_SIGNALS.includes(event.signal ?? 0);
    else if (event.what === 'oom') running.isOom = true;
    else if (event.what === 'die') await this.#died(running, event);
    else this.#listener?.gone(running.start.service);
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
    const start: ServiceStart = { service, key, pid: container.pid, startTicks, startedAtMs };
    // It ended while nothing was heard of the engine.
    if (before !== undefined) this.#listener?.missed(service, 1);
    this.#running.set(id, { container, start, isKilled: false, isOom: false });
    this.#listener?.started(start);
  }

  async #died({ container, start, isKilled, isOom }: Running, event: EngineEvent): Promise<void> {
    this.#running.delete(event.id);
    const after = await this.#inspect(event.id);
    const isOomKilled = isOom || (after?.startedAt === container.startedAt && after.isOomKilled);
    const exit: ServiceExit = {
      start,
      status: event.exitCode === null ? { type: 'unknown' } : { type: 'code', code: event.exitCode },
      endedAtMs: event.atMs,
      // Only who asks the engine makes it say `kill`.
      asked: isKilled && !isOomKilled,
      because: isOomKilled ? 'oom-kill' : null,
      lastWords: () => this.#lastWords(container, start.startedAtMs, event.atMs),
    };
    await this.#listener?.exited(exit);
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

  async #lastWords(
    { id, hasTerminal }: Container,
    fromMs: number,
    untilMs: number,
  ): Promise<LiveTail | null> {
    const seconds = (ms: number) => (ms / 1_000).toFixed(3);
    // The engine has no end of its own for a run: the next one can have begun.
    const range = `since=${seconds(fromMs)}&until=${seconds(untilMs + 1)}&tail=${LOG_LINES}`;
    try {
      const bytes = await this.#api.bytes(`/containers/${id}/logs?stderr=1&${range}`, 2 * WORDS_BYTES);
      const whole = readContainerLog(bytes, hasTerminal).subarray(-WORDS_BYTES);
      const offset = Math.max(0, whole.length - EVIDENCE_BYTES);
      if (whole.length === 0) return null;
      return {
        ...{ bytes: whole.subarray(offset), offset, writtenAtMs: untilMs },
        more: () => (offset === 0 ? null : { bytes: whole, offset: 0 }),
      };
    } catch {
      return null;
    }
  }
}
