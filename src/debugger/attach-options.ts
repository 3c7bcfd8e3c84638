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
  /** How long the worker can be held at a fatal signal; 250 ms by default. */
  holdLimitMs?: number;
  /** How long gdbserver can take to answer before it is killed. */
  answerLimitMs?: number;
  stormLimits?: StormLimits;
  /** How often to check whether crashmon is stopped, which would hold a crashing worker; 5 seconds by default. */
  watchEverySeconds?: number;
};
