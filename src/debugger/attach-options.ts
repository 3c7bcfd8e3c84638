import type { OnFatal, SessionEvent } from './session.ts';
import type { StormLimits } from './storm-guard.ts';

export type AttachOptions<C> = {
  pid: number;
  onFatal: OnFatal<C>;
  onEvent?: (event: SessionEvent) => void;
  /** Looked up on PATH unless absolute. */
  gdbserverPath?: string;
  /** Aborting it detaches. */
  signal?: AbortSignal;
  /** How long the worker can be held at a fatal signal; by default as `holdLimit` says. */
  holdLimitMs?: number;
  /** How long gdbserver can take to answer before it is killed. */
  answerLimitMs?: number;
  stormLimits?: StormLimits;
  /** See `Watched.program`. */
  watchdogProgram?: string;
};
