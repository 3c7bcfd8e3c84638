import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ending } from '../plan/ways.ts';
import { uptimeS } from './uptime.ts';

const RESTART_MS = 300;

/** One time that a program ran. */
export type Life = {
  pid: number;
  fromS: number;
  /** null while it runs, as how it ended. */
  toS: number | null;
  ending: Ending | null;
  /** A file. */
  output: string;
};

export type ServiceCommand = {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  /** File of its cgroup that takes process IDs. */
  procs?: string;
  /** Output of its n-th life goes to this name with `-n`. */
  output: string;
};

/** Keeps a program running, as a supervisor would that starts it again whenever and however it ended. */
export class Service {
  readonly name: string;
  readonly lives: Life[] = [];
  readonly #command: ServiceCommand;
  readonly #ended: Promise<void>;
  #child: ChildProcess | null = null;
  #isWanted = true;
  #resume = Promise.withResolvers<void>();
  #hasEnd = false;

  constructor(name: string, command: ServiceCommand) {
    this.name = name;
    this.#command = command;
    this.#resume.resolve();
    this.#ended = this.#keep();
  }

  /** null between two lives. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Ends it by a signal, and starts it again once `resume` is called. */
  async pause(signal: NodeJS.Signals): Promise<void> {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#resume = Promise.withResolvers();
    await this.#kill(signal);
  }

  resume(): void {
    this.#isWanted = true;
    this.#resume.resolve();
  }

  /** For good. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.#hasEnd = true;
    await this.#kill(signal);
    this.#resume.resolve();
    await this.#ended;
  }

  async #kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async #keep(): Promise<void> {
    for (; !this.#hasEnd; await delay(RESTART_MS)) {
      await this.#resume.promise;
      if (this.#hasEnd) return;
      const { argv, env, procs, output } = this.#command;
      const words = procs === undefined ? argv : ['sh', '-c', 'echo $$ >"$0"; exec "$@"', procs, ...argv];
      const file = `${output}-${this.lives.length}`;
      const to = openSync(file, 'a');
      const child = spawn(words[0] ?? '', words.slice(1), { env, stdio: ['ignore', to, to] });
      closeSync(to);
      const life: Life = { pid: child.pid ?? 0, fromS: uptimeS(), toS: null, ending: null, output: file };
      this.lives.push(life);
      this.#child = child;
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      this.#child = null;
      life.ending = signal === null ? { code: code ?? 0 } : { signal };
      life.toS = uptimeS();
    }
  }
}
