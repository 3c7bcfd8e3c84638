import { deleteRaw } from '../journal/raw-capture.ts';
import type { Run } from '../model/run.ts';
import { type LaunchFailure, type LaunchOptions, launchWorker } from '../worker/launch.ts';
import type { Arming } from './arming.ts';
import { hashCommand } from './hash-command.ts';
import type { MonitorParts } from './monitor-parts.ts';
import { newRunId } from './new-run-id.ts';
import { ParentChannel } from './parent-channel.ts';
import type { Orphan } from './recover.ts';
import { removeInMemory } from './run-in-memory.ts';
import { type ArmedStart, workerEnvironment } from './worker-environment.ts';
import type { WantedWorker, WatchedWorker, WorkerSource } from './worker-source.ts';

type Started = Pick<WatchedWorker, 'run' | 'worker' | 'preparation'>;

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
    return { preparation: null, ...started, stderr, takenOver: orphan !== null };
  }

  async #start(wanted: WantedWorker): Promise<Started | LaunchFailure> {
    const { options, directory, memory, stderr } = this.#parts;
    const run = this.#newRun();
    const start = this.#prepare(run.id, wanted);
    const preparation = start?.preparation ?? null;
    run.armed = start !== null && start.directory !== null;
    // First: what the run before wrote must not become evidence of this one.
    stderr?.beginRun();
    memory.write((journal) => journal.recordIntent(run));
    const { env, inherited } = this.#channel;
    const launch: LaunchOptions = {
      command: options.command,
      env: options.disabled === null ? workerEnvironment(env, run.id, start) : env,
      stderr: stderr === null ? 'inherit' : stderr.fd,
      inherited,
    };
    const debugged = run.armed ? await wanted.native?.launch(launch) : null;
    const worker = debugged ?? (await launchWorker(launch));
    if ('failed' in worker) {
      memory.write((journal) => journal.forgetIntent(run.id));
      if (directory !== null && run.armed) {
        deleteRaw(directory, run.id);
        removeInMemory({ directory, runId: run.id, uid: options.uid });
      }
      return worker;
    }
    this.#channel.follow(worker);
    return { run: { ...run, pid: worker.pid, pidStartTicks: worker.startTicks }, worker, preparation };
  }

  /** @returns null if the worker is not to be armed, or cannot be */
  #prepare(runId: string, wanted: WantedWorker): ArmedStart | null {
    if (!wanted.armed) return wanted.moreWords ? this.#arming.moreWords(wanted) : null;
    const prepared = this.#arming.prepare(runId, wanted);
    if (!('why' in prepared)) return prepared;
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
