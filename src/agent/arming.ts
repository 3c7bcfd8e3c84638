import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRaw, rawDirectory } from '../journal/raw-capture.ts';
import type { ExitStatus } from '../model/exit.ts';
import type { NoCaptureReason } from '../model/no-capture.ts';
import type { Run } from '../model/run.ts';
import { type Preparation, prepareWorker } from '../policy/worker-preparation.ts';
import type { Emit } from './agent-event.ts';
import type { AgentOptions } from './agent-options.ts';
import { hashCommand } from './hash-command.ts';
import { previousProgram } from './previous-program.ts';
import type { StderrTail } from './raw-run.ts';
import { makeInMemory } from './run-in-memory.ts';
import { type ArmedStart, PROBES } from './worker-environment.ts';
import type { WantedWorker } from './worker-source.ts';

/** Node's permission model, in an argument or within one (`sh -c 'node --permission …'`). */
const PERMISSION = /(?:^|\s)--(?:experimental-)?permission(?=\s|$)/;
const SCRIPT = /\.[cm]?[jt]sx?$/;
/** The probe can only have ended a worker this early; without standard error there is no better evidence. */
const START_MS = 5_000;

/** Decides whether a worker can be started with the probe: never again if it once failed to start with it. */
export class Arming {
  readonly #options: AgentOptions;
  readonly #directory: string | null;
  readonly #emit: Emit;
  readonly #command: string;
  #refused: boolean;
  #explained = false;

  constructor(options: AgentOptions, directory: string | null, emit: Emit) {
    this.#options = options;
    this.#directory = directory;
    this.#emit = emit;
    this.#command = `${hashCommand(options)} ${PROBES} ${optionsOf(options.env)}`;
    this.#refused = this.#remembered();
  }

  /** Where the probe of this run writes, and how it is loaded; or why the worker is not armed; details are reported once. */
  prepare(runId: string, wanted: WantedWorker): ArmedStart | { why: NoCaptureReason } {
    if (this.#directory === null) return { why: 'no-state' };
    const preparation = this.#preparation(wanted);
    const reason = this.#reasonNotTo(preparation);
    if (reason !== null) {
      this.#explain(reason);
      return { why: 'cannot-arm' };
    }
    try {
      const start = { directory: createRaw(this.#directory, runId), preparation };
      if (preparation?.runtime === 'node')
        makeInMemory({ directory: this.#directory, runId, uid: this.#options.uid });
      return start;
    } catch (error) {
      this.#explain((error as Error).message);
      return { why: 'no-state' };
    }
  }

  /** What makes its runtime print more; nothing is captured. */
  moreWords(wanted: WantedWorker): ArmedStart | null {
    const preparation = this.#preparation(wanted);
    return preparation?.gives === 'words' ? { directory: null, preparation } : null;
  }

  /**
   * Did the probe keep this worker from starting? It ended before the probe claimed it, and its last output names the
   * probe. Then no worker of this command is armed again.
   */
  wasHarmful(run: Run, status: ExitStatus, stderr: StderrTail | null, uptimeMs: number): boolean {
    if (!run.armed || this.#directory === null || status.type !== 'code' || status.code === 0) return false;
    if (existsSync(join(rawDirectory(this.#directory, run.id), 'claim.json'))) return false;
    if (stderr === null) {
      // Without proof the exit counts; only the next start is more careful.
      this.#refused ||= uptimeMs < START_MS;
      return false;
    }
    if (!stderr.bytes.includes(PROBES)) return false;
    this.#refused = true;
    this.#remember();
    return true;
  }

  #preparation(wanted: WantedWorker): Preparation | null {
    const { env } = this.#options;
    const program = wanted.program();
    const runtime = wanted.runtime ?? program?.runtime ?? null;
    return prepareWorker(runtime, previousProgram(program), {
      env,
      probes: PROBES,
    });
  }

  #reasonNotTo(preparation: Preparation | null): string | null {
    if (this.#refused) return 'it does not start with the probe (no access to its file?)';
    if (preparation?.runtime === 'node' && usesPermissions(this.#options))
      return "Node's permission model would keep the probe from being loaded";
    if (preparation === null) return `the path ${PROBES} has a character that cannot be in its environment`;
    try {
      accessSync(PROBES, constants.R_OK | constants.X_OK);
      return null;
    } catch {
      return `${PROBES} cannot be read`;
    }
  }

  #explain(reason: string): void {
    if (!this.#explained) this.#emit({ event: 'problem', message: `The worker cannot be armed: ${reason}.` });
    this.#explained = true;
  }

  #remembered(): boolean {
    if (this.#directory === null) return false;
    try {
      return readFileSync(join(this.#directory, 'probe-refused'), 'utf8') === this.#command;
    } catch {
      return false;
    }
  }

  /** Otherwise each start of crashmon would cost the worker one. */
  #remember(): void {
    if (this.#directory === null) return;
    try {
      writeFileSync(join(this.#directory, 'probe-refused'), this.#command, { mode: 0o600 });
    } catch {
      // A successor finds out by itself.
    }
  }
}

/** With other options of its own, it may start. */
function optionsOf({ NODE_OPTIONS, PYTHONPATH, RUBYOPT, PERL5OPT }: AgentOptions['env']): string {
  return [NODE_OPTIONS, PYTHONPATH, RUBYOPT, PERL5OPT].join(' ');
}

function usesPermissions({ command, env }: AgentOptions): boolean {
  const script = command.findIndex((part, index) => index > 0 && SCRIPT.test(part) && !part.startsWith('-'));
  // Arguments after the script are the app's own.
  const options = script === -1 ? command : command.slice(0, script);
  return options.some((part) => PERMISSION.test(part)) || PERMISSION.test(env.NODE_OPTIONS ?? '');
}
