import { closeSync, readdirSync, readlinkSync } from 'node:fs';
import { type Inherited, withoutDescriptor } from '../worker/inherited.ts';
import { isAlive } from '../worker/process-info.ts';
import type { Worker } from '../worker/worker.ts';

const CHECK_MS = 250;

/**
 * The channel of a parent that started crashmon as Node starts a child (`fork`, PM2). The worker uses it itself, also
 * the one after a restart, for which crashmon keeps it open. But the parent must see when a worker disconnects, so
 * crashmon then closes its own copy. There is no event for that.
 */
export class ParentChannel {
  readonly #descriptor: number;
  /** null once it is closed, or if there is none. */
  #file: string | null;
  #env: NodeJS.ProcessEnv;
  #inherited: Inherited;
  #timer: NodeJS.Timeout | undefined;

  constructor(env: NodeJS.ProcessEnv, inherited: Inherited) {
    this.#env = env;
    this.#inherited = inherited;
    this.#descriptor = Number(env.NODE_CHANNEL_FD ?? Number.NaN);
    this.#file = inherited.descriptors?.includes(this.#descriptor)
      ? fileBehind('self', this.#descriptor)
      : null;
    if (this.#file === null) this.#forget();
  }

  /** For the next worker. */
  get env(): NodeJS.ProcessEnv {
    return this.#env;
  }

  get inherited(): Inherited {
    return this.#inherited;
  }

  /** From now on this worker has the channel. */
  follow(worker: Worker): void {
    clearInterval(this.#timer);
    if (this.#file === null) return;
    this.#timer = setInterval(() => this.#check(worker), CHECK_MS).unref();
  }

  #check({ pid, startTicks }: Worker): void {
    if (fileBehind(pid, this.#descriptor) === this.#file) return;
    // It may have become another user, have ended, or be ending: its first thread then has no files any more.
    if (!isAlive(pid, startTicks) || !hasFiles(pid)) return;
    clearInterval(this.#timer);
    closeSync(this.#descriptor);
    this.#file = null;
    this.#forget();
  }

  #forget(): void {
    const { NODE_CHANNEL_FD: _, NODE_CHANNEL_SERIALIZATION_MODE: __, ...others } = this.#env;
    this.#env = others;
    this.#inherited = withoutDescriptor(this.#inherited, this.#descriptor);
  }
}

/** `socket:[…]`, a path; null if it cannot be seen. */
function fileBehind(pid: number | 'self', descriptor: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
  } catch {
    return null;
  }
}

/** false also if they cannot be listed. */
function hasFiles(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).length > 0;
  } catch {
    return false;
  }
}
