import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../../worker/process-info.ts';
import type { SourceListener } from '../source.ts';
import { BusConnection } from './bus-connection.ts';
import type { God } from './find-gods.ts';
import { findWorkers } from './find-worker.ts';
import type { Pm2Message } from './pm2-message.ts';
import type { Pm2Process } from './pm2-process.ts';
import { Pm2Runs, toExit, toStart } from './pm2-runs.ts';
import type { RestartCounts } from './restart-counts.ts';

/** PM2 reports a worker of a cluster before it executes the app, and a fork moments after it was started. */
const FIND_AFTER_MS = [0, 5, 10, 20, 40, 80, 160, 320, 640, 1_000];

/** One daemon of PM2 and what it runs. */
export class Pm2Home {
  readonly god: God;
  readonly #listener: SourceListener;
  readonly #counts: RestartCounts;
  readonly #runs: Pm2Runs;
  #bus: BusConnection | null = null;
  #isEnded = false;

  constructor(god: God, listener: SourceListener, counts: RestartCounts, bootId: string) {
    this.god = god;
    this.#listener = listener;
    this.#counts = counts;
    this.#runs = new Pm2Runs(god.home, bootId);
  }

  get isConnected(): boolean {
    return this.#bus !== null;
  }

  /**
   * Connects to the bus, and announces what runs. Can be called again when the connection was lost.
   * @throws the socket's error
   */
  async connect(): Promise<void> {
    const bus = await BusConnection.open(join(this.god.reachableHome, 'pub.sock'), {
      onMessage: (message) => this.#handle(message),
      onClose: () => {
        if (this.#bus === bus) this.#bus = null;
      },
    });
    this.#bus = bus;
    if (this.#isEnded) return this.end();
    for (const worker of findWorkers(this.god)) {
      if (this.#runs.find(worker.process) !== undefined) continue;
      this.#replace(worker.process);
      const run = this.#runs.add(worker.process);
      run.worker = worker;
      const missed = this.#counts.missed(run.service.id, worker.process);
      if (missed > 0) this.#listener.missed(run.service, missed);
      this.#counts.note(run.service.id, worker.process);
      this.#listener.started(toStart(run));
    }
  }

  /** Has the daemon ended? Then what it ran is no longer its own. */
  checkEnd(): boolean {
    if (isAlive(this.god.pid, this.god.startTicks)) return false;
    this.end();
    for (const { service } of this.#runs.running) this.#listener.gone(service);
    return true;
  }

  end(): void {
    this.#isEnded = true;
    this.#bus?.close();
  }

  #handle(message: Pm2Message): void {
    if (message.type === 'exit-line') this.#runs.exitLine(message);
    else if (message.type === 'exception') this.#runs.exception(message);
    else if (message.type === 'error-output') this.#runs.errorOutput(message);
    else if (message.type === 'online') void this.#online(message.process);
    else void this.#exited(message);
  }

  async #online(process: Pm2Process): Promise<void> {
    if (this.#runs.find(process) !== undefined) return;
    this.#replace(process);
    const run = this.#runs.add(process);
    for (const waitMs of FIND_AFTER_MS) {
      if (waitMs > 0) await delay(waitMs, undefined, { ref: false });
      if (run.isOver || this.#isEnded) return;
      run.worker = findWorkers(this.god).find((worker) => this.#runs.find(worker.process) === run) ?? null;
      if (run.worker !== null) break;
    }
    this.#counts.note(run.service.id, process);
    if (run.worker !== null) this.#listener.started(toStart(run));
  }

  /** Some versions of PM2 say nothing of the end of a process that they restart on request. */
  #replace(process: Pm2Process): void {
    for (const run of this.#runs.running) {
      const { worker } = run;
      if (run.process.pmId !== process.pmId || worker === null || isAlive(worker.pid, worker.startTicks))
        continue;
      run.isOver = true;
      void this.#listener.exited(
        toExit({ run, status: { type: 'unknown' }, asked: true, because: null }, process.startedAtMs),
      );
    }
  }

  async #exited(message: Pm2Message & { type: 'exit' }): Promise<void> {
    const ended = this.#runs.exit(message);
    if (ended === null) return;
    const isStored = await this.#listener.exited(toExit(ended, Date.now()));
    // What is not noted is counted by the next agent.
    if (isStored) this.#counts.note(ended.run.service.id, ended.run.process);
    else this.#listener.missed(ended.run.service, 1);
  }
}
