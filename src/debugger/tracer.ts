import { type AttachFailure, attachFailure } from './attach-failure.ts';
import type { AttachOptions } from './attach-options.ts';
import { passSignalsRequest, programSignalsRequest } from './fatal-signals.ts';
import type { GdbserverProcess } from './gdbserver-process.ts';
import { noAncestor, notPermitted, obstacle } from './obstacle.ts';
import { onlyAncestorsCanTrace } from './ptrace-scope.ts';
import { RspConnection } from './rsp-connection.ts';
import type { DebuggerSession } from './session.ts';
import { STORM_LIMITS } from './storm-guard.ts';
import { TracingSession } from './tracing-session.ts';

/**
 * Without `xmlRegisters`, answers to `g` leave AVX registers out and are a quarter as long.
 * `multiprocess` gives threads their process, `exec-events` keeps an exec from looking like a SIGTRAP.
 */
const FEATURES = 'qSupported:multiprocess+;exec-events+;vContSupported+';

const ANSWER_MS = 2_000;

/**
 * A gdbserver that has been started, attached to one process at a time. It is ended with its first session or failure;
 * one that `stays` can attach again, until it is lost or `end` is called.
 */
export class Tracer {
  readonly #gdbserver: GdbserverProcess;
  readonly #connection: RspConnection;
  readonly #stays: boolean;
  readonly #isAncestor: boolean;
  #session: { notify(payload: string): void } | null = null;
  #isPrepared = false;
  #attaching: Promise<unknown> = Promise.resolve();

  /** @param isAncestor of the processes that it attaches to */
  constructor(
    gdbserver: GdbserverProcess,
    { stays, isAncestor = false }: { stays: boolean; isAncestor?: boolean },
  ) {
    this.#gdbserver = gdbserver;
    this.#stays = stays;
    this.#isAncestor = isAncestor;
    this.#connection = new RspConnection(gdbserver.output, gdbserver.input, (payload) =>
      this.#session?.notify(payload),
    );
  }

  /** It cannot attach again. */
  get isOver(): boolean {
    return this.#connection.isOver;
  }

  /** It can attach to the next worker as well. */
  get isReusable(): boolean {
    return this.#stays && !this.#isAncestor && !this.isOver;
  }

  /** Settles once it is started: attaching then takes no longer than it must. `attach` reports why it cannot be. */
  async ready(): Promise<void> {
    await this.#prepare(ANSWER_MS).catch(() => {});
  }

  /** Only when the session before it has ended. */
  attach<C>(options: AttachOptions<C>): Promise<DebuggerSession<C> | AttachFailure> {
    const attached = this.#attach(options);
    this.#attaching = attached;
    return attached;
  }

  /** Settles when it has ended; the attached process runs on. */
  async end(): Promise<void> {
    await this.#attaching;
    await this.#gdbserver.kill(null);
  }

  async #attach<C>(options: AttachOptions<C>): Promise<DebuggerSession<C> | AttachFailure> {
    const { pid, signal, answerLimitMs = ANSWER_MS, watchdogProgram } = options;
    try {
      await this.#prepare(answerLimitMs);
    } catch {
      const isRefused = this.#gdbserver.isRefusedItsChild();
      await this.#gdbserver.kill(null);
      if (isRefused) return notPermitted();
      return (await this.#gdbserver.exited) === 127
        ? attachFailure('no-gdbserver', 'gdbserver is not installed (Debian package gdbserver)')
        : attachFailure('protocol', 'gdbserver does not answer as expected');
    }

    // Starting gdbserver took a while.
    const meanwhile = obstacle(pid, signal);
    if (meanwhile !== null) {
      if (!this.#stays) await this.#gdbserver.kill(null);
      return meanwhile;
    }
    this.#gdbserver.watch(pid, watchdogProgram);
    const session = new TracingSession<C>(this.#gdbserver, this.#connection, {
      pid,
      onFatal: options.onFatal,
      onEvent: options.onEvent ?? (() => {}),
      holdLimitMs: options.holdLimitMs ?? null,
      answerLimitMs,
      stormLimits: options.stormLimits ?? STORM_LIMITS,
      keepsDebugger: this.#stays,
    });
    this.#session = session;
    try {
      await session.begin();
    } catch {
      const failure =
        obstacle(pid, signal, this.#gdbserver.pid) ??
        (this.isOver && !session.isRefused
          ? attachFailure('protocol', 'gdbserver did not answer')
          : this.#refused());
      await session.abandon();
      return failure;
    }
    const leave = () => void session.detach();
    signal?.addEventListener('abort', leave, { once: true });
    void session.ended.then(() => signal?.removeEventListener('abort', leave));
    if (signal?.aborted) leave();
    return session;
  }

  async #prepare(limitMs: number): Promise<void> {
    const connection = this.#connection;
    if (!this.#isPrepared) {
      await connection.request(FEATURES, limitMs);
      await connection.startNoAckMode(limitMs);
      await Promise.all([
        connection.command('QNonStop:1', limitMs),
        // The extended protocol: it stays after the process has ended or was detached.
        ...(this.#stays ? [connection.command('!', limitMs)] : []),
      ]);
      this.#isPrepared = true;
    }
    await Promise.all([
      connection.command(passSignalsRequest(new Set()), limitMs),
      connection.command(programSignalsRequest({ stopping: false }), limitMs),
    ]);
  }

  #refused(): AttachFailure {
    return !this.#isAncestor && onlyAncestorsCanTrace() ? noAncestor() : notPermitted();
  }
}
