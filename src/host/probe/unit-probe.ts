import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBES } from '../../agent/worker-environment.ts';
import type { ExitStatus } from '../../model/exit.ts';
import type { CandidateRecord } from '../../model/probe-record.ts';
import { findWorkingProcess } from '../../worker/main-process.ts';
import { readVariable } from '../../worker/read-variable.ts';
import type { ServiceStart } from '../source.ts';
import { canLoadProbe } from './can-load-probe.ts';
import type { HostProbes } from './host-probes.ts';
import { ProbeClaims } from './probe-claims.ts';
import type { ProbeFifo } from './probe-fifo.ts';
import { ownNodeOptions, probeEnvironment } from './unit-environment.ts';

export type UnitProbeParts = {
  unit: string;
  host: HostProbes;
  /** Of the app's slot. */
  directory: string;
  /** A run has loaded the probe. */
  onClaim: () => void;
  onProblem: (message: string) => void;
};

type ProbedRun = Pick<ServiceStart, 'key' | 'pid' | 'restart'>;

const PROBE = join(PROBES, 'bundled', 'probe.cjs');
const REFUSED = 'probe-refused';
/** A start that is further away may be another one's, after a change of the settings of the service. */
const MAX_RESTART_MS = 5_000;
/** From a restart that is due to the start. */
const LATE_MS = 1_000;
const MAX_RUNS = 4;

/**
 * Starts of one unit with the probe. The supervisor's own restart after a crash alone gets it: the file is there from the end
 * of a run to the start of the next one. NODE_OPTIONS in it are those of the last run, so nothing that is started
 * later, or by an operator, must see it.
 */
export class UnitProbe {
  readonly #parts: UnitProbeParts;
  readonly #claims = new ProbeClaims();
  /** Of the newest run that could load the probe. */
  #next: { key: string; nodeOptions: string | null } | null = null;
  #restartMs: number | null = null;
  #fifo: ProbeFifo | null = null;
  #preparing: Promise<void> | null = null;
  #isGiven = false;
  /** It is to be given. */
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;
  #refused: boolean;
  #isOver = false;
  /** The process of a run that does its work; of the newest runs that were started with the probe. */
  readonly #runs = new Map<string, { main: number; worker: number | null }>();
  /** Runs that have ended, and in which the probe never was. */
  readonly #unclaimed = new Set<string>();

  constructor(parts: UnitProbeParts) {
    this.#parts = parts;
    this.#refused = this.#wasRefused();
  }

  /** This run, which lives, is Node.js: what its successor needs is read. */
  learn({ key, pid }: ProbedRun): void {
    if (this.#next?.key === key || this.#refused) return;
    const worker = findWorkingProcess(pid);
    const given = readVariable(pid, 'NODE_OPTIONS');
    // What cannot be read must not be replaced.
    if (worker === null || given === undefined) return;
    const nodeOptions = ownNodeOptions(given, PROBES);
    this.#next = canLoadProbe(worker, nodeOptions, PROBE) ? { key, nodeOptions } : null;
  }

  /** One more crash would arm: prepares what takes longer than a restart. */
  prepare({ restart }: ProbedRun): void {
    // The name is a pattern for systemd.
    if (this.#next === null || this.#parts.unit.includes('\\')) return;
    this.#preparing ??= this.#prepare(restart).catch((error: Error) => {
      this.#parts.onProblem(`The service cannot be started with the probe: ${error.message}.`);
    });
  }

  /** A run has crashed, and its supervisor starts the next one. */
  give(): void {
    const { unit, host } = this.#parts;
    this.#isDue = true;
    if (this.#next === null || this.#fifo === null || this.#restartMs === null || this.#isGiven) return;
    const environment = probeEnvironment(this.#next.nodeOptions, PROBES, this.#fifo.path);
    if (environment === null) return;
    try {
      host.give(unit, environment);
      this.#isGiven = true;
      this.#timer = setTimeout(() => this.take(), this.#restartMs + LATE_MS).unref();
    } catch (error) {
      this.#parts.onProblem(`The service cannot be started with the probe: ${(error as Error).message}.`);
    }
  }

  /** Starts are as ever again. */
  take(): void {
    this.#isDue = false;
    clearTimeout(this.#timer);
    if (!this.#isGiven) return;
    this.#isGiven = false;
    try {
      this.#parts.host.take(this.#parts.unit);
    } catch (error) {
      this.#parts.onProblem(`The next start of the service has the probe: ${(error as Error).message}.`);
    }
  }

  started({ key, pid }: ProbedRun): void {
    if (this.#isGiven) {
      this.#runs.set(key, { main: pid, worker: null });
      for (const old of [...this.#runs.keys()].slice(0, -MAX_RUNS)) this.#runs.delete(old);
    }
    this.take();
    this.#findWorkers();
  }

  /** The probe is in this run, which lives. */
  isIn({ key }: ProbedRun): boolean {
    const run = this.#runs.get(key);
    return run !== undefined && this.#claims.has(run.worker ?? run.main);
  }

  /** The run has ended. @returns what the probe wrote; null if it was not in the run */
  ended({ key }: ProbedRun): CandidateRecord[] | null {
    const run = this.#runs.get(key);
    if (run === undefined) return null;
    this.#fifo?.drain();
    this.#runs.delete(key);
    const records = this.#claims.take(run.worker ?? run.main);
    if (records === null) this.#unclaimed.add(key);
    return records;
  }

  /**
   * Did the probe keep this run, which has ended, from starting? It was started with it, ended before the probe said so, and
   * its last output names the probe. Then no start of this service gets it again.
   */
  wasHarmful({ key }: ProbedRun, status: ExitStatus, output: Buffer | null): boolean {
    const isUnclaimed = this.#unclaimed.delete(key);
    if (!isUnclaimed || status.type !== 'code' || status.code === 0) return false;
    if (output === null || !output.includes(PROBES)) return false;
    this.#refused = true;
    this.#next = null;
    this.take();
    this.#remember();
    return true;
  }

  end(): void {
    this.#isOver = true;
    this.take();
    this.#fifo?.close();
    this.#fifo = null;
  }

  async #prepare(restart: ProbedRun['restart']): Promise<void> {
    const { host } = this.#parts;
    const plan = (await restart?.()) ?? null;
    if (plan === null || plan.afterMs > MAX_RESTART_MS) return;
    const [fifo, isInstalled] = await Promise.all([
      host.fifo((line) => {
        this.#claims.add(line);
        this.#findWorkers();
        if (line.type === 'claim') this.#parts.onClaim();
      }),
      host.install(),
    ]);
    if (this.#isOver || !isInstalled) return fifo.close();
    this.#fifo = fifo;
    this.#restartMs = plan.afterMs;
    if (this.#isDue) this.give();
  }

  /** A start script is the main process, and Node.js a process below it. */
  #findWorkers(): void {
    for (const run of this.#runs.values()) {
      if (run.worker !== null || this.#claims.has(run.main)) continue;
      const worker = findWorkingProcess(run.main);
      if (worker !== null && this.#claims.has(worker)) run.worker = worker;
    }
  }

  #wasRefused(): boolean {
    try {
      return readFileSync(join(this.#parts.directory, REFUSED), 'utf8') === PROBES;
    } catch {
      return false;
    }
  }

  /** Otherwise each start of the agent would cost the service one. */
  #remember(): void {
    try {
      writeFileSync(join(this.#parts.directory, REFUSED), PROBES, { mode: 0o600 });
    } catch {
      // A successor finds out by itself.
    }
  }
}
