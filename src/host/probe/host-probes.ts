import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProbeLine } from '../../formats/probe-record/probe-lines.ts';
import { DropIn } from './drop-in.ts';
import { ProbeFifo } from './probe-fifo.ts';
import { environmentFile, type UnitEnvironment } from './unit-environment.ts';

export type HostProbesParts = {
  /** Has systemd read its units again. */
  reload: () => Promise<void>;
  onProblem: (message: string) => void;
  /** In which all of it is; `/run/crashmon`. */
  directory?: string;
  /** Where systemd has units that a restart of the host removes. */
  units?: string;
};

/** A directory that others can enter and not list: what is in it has a random name. */
const ENTER_ONLY = 0o711;

/**
 * How services of systemd get the probe at their next start: one drop-in for all of them, a file with the environment of
 * each that is to get it, and a FIFO for its records. Needs root. All of it is in /run.
 */
export class HostProbes {
  readonly #parts: HostProbesParts;
  readonly #environments: string;
  readonly #fifos: string;
  readonly #dropIn: DropIn;
  readonly #open = new Set<ProbeFifo>();
  #installed: Promise<boolean> | null = null;
  #isOver = false;

  constructor(parts: HostProbesParts) {
    this.#parts = parts;
    const { directory = '/run/crashmon', units = '/run/systemd/system' } = parts;
    this.#environments = join(directory, 'units');
    this.#fifos = join(directory, 'probes');
    this.#dropIn = new DropIn(units, this.#environments);
    // Of an agent that was killed: nothing reads its FIFOs.
    this.#clear();
  }

  /** Writes the drop-in, unless it is there, and reloads systemd; once. @returns is it there now? */
  install(): Promise<boolean> {
    this.#installed ??= this.#install();
    return this.#installed;
  }

  /** @throws if it cannot be made */
  async fifo(onLine: (line: ProbeLine) => void): Promise<ProbeFifo> {
    const folder = join(this.#fifos, randomBytes(16).toString('hex'));
    mkdirSync(this.#fifos, { recursive: true, mode: ENTER_ONLY });
    mkdirSync(folder, { mode: ENTER_ONLY });
    const fifo = await ProbeFifo.make(join(folder, 'records'), onLine);
    this.#open.add(fifo);
    return fifo;
  }

  /** From now on, starts of this unit have it. @throws if it cannot be written */
  give(unit: string, environment: UnitEnvironment): void {
    if (this.#isOver) return;
    const path = this.#pathOf(unit);
    mkdirSync(this.#environments, { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.new`, environmentFile(environment), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  /** Starts of this unit are as ever. */
  take(unit: string): void {
    rmSync(this.#pathOf(unit), { force: true });
  }

  /** While there is a connection to systemd. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const fifo of this.#open) fifo.close();
    this.#clear();
    try {
      await this.#installed;
      if (this.#dropIn.remove()) await this.#parts.reload();
    } catch (error) {
      this.#problem('The drop-in of crashmon cannot be removed', error);
    }
  }

  async #install(): Promise<boolean> {
    try {
      if (this.#dropIn.exists) return true;
      this.#dropIn.write();
      await this.#parts.reload();
      return true;
    } catch (error) {
      this.#problem('Services cannot be started with the probe', error);
      return false;
    }
  }

  #clear(): void {
    try {
      for (const path of [this.#environments, this.#fifos]) rmSync(path, { recursive: true, force: true });
    } catch (error) {
      this.#problem('What an earlier agent left cannot be removed', error);
    }
  }

  #pathOf(unit: string): string {
    return join(this.#environments, `${unit}.env`);
  }

  #problem(what: string, error: unknown): void {
    this.#parts.onProblem(`${what}: ${(error as Error).message}.`);
  }
}
