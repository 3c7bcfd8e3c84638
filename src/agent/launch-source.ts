import { deleteRaw } from '../journal/raw-capture.ts';
import type { Run } from '../model/run.ts';
import { type LaunchFailure, type LaunchOptions, launchWorker } from '../worker/launch.ts';
import type { Worker } from '../worker/worker.ts';
import type { Arming } from './arming.ts';
import { hashCommand } from './hash-command.ts';
import type { MonitorParts } from './monitor-parts.ts';
import { ParentChannel } from './parent-channel.ts';
import type { Orphan } from './recover.ts';
import { workerEnvironment } from './worker-environment.ts';
import type { WantedWorker, WatchedWorker, WorkerSource } from './worker-source.ts';

type Parts = Pick<MonitorParts, 'options' | 'directory' | 'memory' | 'stderr' | 'stop' | 'clock'>;

/** Workers that crashmon starts itself; the first can be one that an earlier crashmon started. */
export class LaunchSource implements WorkerSource {
  readonly #parts: Parts;
  readonly #arming: Arming;
  readonly #channel: ParentChannel;
  #orphan: Orphan | null;

  constructor(parts: Parts, arming: Arming, orphan: Orphan | null) {
    this.#parts = parts;
    this.#arming = arming;
    this.#orphan = orphan;
    this.#channel = new ParentChannel(parts.options.env, parts.options.inherited);
  }

  async next(wanted: WantedWorker): Promise<WatchedWorker | LaunchFailure> {
    const { stderr, stop } = this.#parts;
    const orphan = this.#orphan;
    this.#orphan = null;
    if (orphan === null && stop.stopped !== null) return { failed: 'other', message: 'crashmon was stopped' };
    const started = orphan ?? (await this.#start(wanted));
    if ('failed' in started) return started;
    // Later: the worker's start does not wait for the keeper.
    setImmediate(() => stderr?.keep());
    return { ...started, stderr, takenOver: orphan !== null };
  }

  async #start({
    armed,
    native,
    runtime,
  }: WantedWorker): Promise<{ run: Run; worker: Worker } | LaunchFailure> {
    const { options, directory, memory, stderr } = this.#parts;
    const run = this.#newRun();
    const probeDirectory = armed ? this.#prepare(run.id) : null;
    run.armed = probeDirectory !== null;
    // First: what the run before wrote must not become evidence of this one.
    stderr?.beginRun();
    memory.write((journal) => journal.recordIntent(run));
    const { env, inherited } = this.#channel;
    const probe = probeDirectory === null ? null : { directory: probeDirectory, runtime };
    const launch: LaunchOptions = {
      command: options.command,
      env: options.disabled === null ? workerEnvironment(env, run.id, probe) : env,
      stderr: stderr === null ? 'inherit' : stderr.fd,
      inherited,
    };
    const debugged = run.armed ? await native?.launch(launch) : null;
    const worker = debugged ?? (await launchWorker(launch));
    if ('failed' in worker) {
      memory.write((journal) => journal.forgetIntent(run.id));
      if (directory !== null && probeDirectory !== null) deleteRaw(directory, run.id);
      return worker;
    }
    this.#channel.follow(worker);
    return { run: { ...run, pid: worker.pid, pidStartTicks: worker.startTicks }, worker };
  }

  /** @returns where the probe writes, null if the worker cannot be armed */
  #prepare(runId: string): string | null {
    const prepared = this.#arming.prepare(runId);
    if ('directory' in prepared) return prepared.directory;
    this.#parts.memory.setNoCapture({ why: prepared.why, runtime: null, code: null });
    return null;
  }

  #newRun(): Run {
    const { options, clock } = this.#parts;
    return {
      id: newRunId(),
      startedAt: clock(),
      pid: null,
      pidStartTicks: null,
      armed: false,
      commandHash: hashCommand(options),
    };
  }
}

/** 48 random bits; unique is all they have to be. */
function newRunId(): string {
  return Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0');
}
