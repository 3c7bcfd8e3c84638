import type { FaultCapture } from '../../agent/native/native-watch.ts';
import type { CaptureMeans } from '../../model/capture-means.ts';
import type { ExitStatus } from '../../model/exit.ts';
import type { HeldDump } from '../../model/held-dump.ts';
import type { NoCaptureReason } from '../../model/no-capture.ts';
import type { CandidateRecord } from '../../model/probe-record.ts';

/** Whether the end of a run is captured; why it is not. */
export type CaptureState =
  | { isWatched: true }
  /** `why` is null where that can change within moments. */
  | { isWatched: false; why: NoCaptureReason | null; message: string };

/** What was captured of the end of a run. */
export type CapturedEnd = {
  /** The exit watch has read it; false where it was too late, or the means is another. */
  isRead: boolean;
  /** The exception; null if none ended it. */
  record: CandidateRecord | null;
  /** The fatal signal; null if a debugger saw none. */
  fault: FaultCapture | null;
  /** In a session: its dump, where no fatal signal ended it. */
  heldDump: HeldDump | null;
};

/** Is attached to the process of one run until that ends. Whatever fails, the process is not affected. */
export type RunCapture = {
  readonly means: CaptureMeans;
  /** It is attached now. */
  readonly isWatched: boolean;
  /** The run has ended so. Call it once, soon. @returns null if it was not watched */
  ended(status: ExitStatus): Promise<CapturedEnd | null>;
  /** The process runs on. Settles when nothing is attached any more. */
  leave(): Promise<void>;
};

/** The main process of a run. */
export type MainProcess = { pid: number; startTicks: number };
