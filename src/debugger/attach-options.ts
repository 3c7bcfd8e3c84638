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
  /** How long the worker may be held at a fatal signal, 250 ms unless told. */
  holdLimitMs?: number;
  /** How long gdbserver may take to answer before it is given up. */
  answerLimitMs?: number;
  stormLimits?: StormLimits;
  /** How often to look whether crashmon is stopped, which would hold a worker that crashes; 5 seconds unless told. */
  watchEverySeconds?: number;
};
