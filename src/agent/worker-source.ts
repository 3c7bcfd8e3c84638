import type { ObservedProgram } from '../model/observed-program.ts';
import type { Run } from '../model/run.ts';
import type { Runtime } from '../model/runtime.ts';
import type { Preparation } from '../policy/worker-preparation.ts';
import type { LaunchFailure } from '../worker/launch.ts';
import type { Worker } from '../worker/worker.ts';
import type { NativeCapture } from './native/native-capture.ts';
import type { LiveTail } from './raw-run.ts';

/** A way to have workers, one after the other. The monitor does not know which one it is. */
export type WorkerSource = {
  /** The next worker, as soon as there is one. */
  next(wanted: WantedWorker): Promise<WatchedWorker | LaunchFailure>;
};

export type WantedWorker = {
  /** With the probe, where that is possible. */
  armed: boolean;
  /** Not armed: only so that its runtime prints more when it fails. */
  moreWords: boolean;
  /** What the worker before it ran; null if unknown. */
  runtime: Runtime | null;
  program: () => ObservedProgram | null;
  /** The debugger for an armed worker, which may have to be its ancestor; null if none is wanted. */
  native: NativeCapture | null;
};

export type WatchedWorker = {
  run: Run;
  /** Its identity, its exit, and how to signal it. */
  worker: Worker;
  /** null if its standard error cannot be read. */
  stderr: StderrSource | null;
  /** It was running already. */
  takenOver: boolean;
  /** What it was started with; null if nothing, or that is unknown. */
  preparation: Preparation | null;
};

/** The last output of a worker. */
export type StderrSource = {
  /** Readable until `endRun`. */
  tail(): LiveTail;
  endRun(): void;
};
