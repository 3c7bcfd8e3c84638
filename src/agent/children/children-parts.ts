import type { CaptureMeans } from '../../model/capture-means.ts';
import type { PolicySettings } from '../../model/policy.ts';
import type { CrashEnd } from '../../policy/service-capture.ts';
import type { Emit } from '../agent-event.ts';
import type { Clock } from '../clock.ts';
import type { DebuggerPool } from '../native/debugger-pool.ts';
import type { StderrTail } from '../raw-run.ts';
import type { SettleParts } from '../settle-exit.ts';
import type { ChildEnd, DumpOfHeld, ExitSource, WatchedChild } from './child-exit.ts';
import type { StartedProcesses } from './child-watch.ts';

/** What a process printed before its end. */
export type Said = StderrTail & {
  silenceMs: number;
  /** Other processes can have printed it. */
  isShared: boolean;
};

/** Where to find what processes below the main one printed last. */
export type ChildWords = {
  beginRun(): void;
  /** Of a process that has just ended; null if that cannot be read. Never rejects. */
  of(child: WatchedChild, end: ChildEnd): Said | null | Promise<Said | null>;
};

/** What the workers below a master are watched with, and their crashes recorded. */
export type ChildrenParts = {
  /** Of `--children`. */
  names: readonly string[];
  /** Names of masters whose workers are none of the app. */
  ignored: readonly string[];
  /** How often new workers are searched for, at most. */
  lookEveryMs: number;
  /** Reports that there can be new workers; absent: they are searched for all the time. */
  started?: StartedProcesses;
  settings: PolicySettings;
  /** Reports how processes end that are not crashmon's children. */
  exits: ExitSource;
  /** Capture fatal signals; null if no debugger is wanted. */
  debuggers: DebuggerPool | null;
  words: ChildWords;
  /** Was the main process asked to end? */
  isStopping: () => boolean;
  /** Is the app armed, apart from debuggers that could not be attached? */
  wantsCapture: () => boolean;
  /** How the newest crash of such a process ended; null if none is known. */
  newestEnd: () => CrashEnd | null;
  /** What a session wants attached to such a process, by how the newest one crashed; null without a session. */
  sessionMeans: (newest: CrashEnd | null) => CaptureMeans | null;
  /** In a session, of a process that is held at its exit. */
  dumpOf: DumpOfHeld;
  /** In a session: is all memory to be kept of a process that a fatal signal ends? */
  wantsWhole: () => boolean;
  /** What a crash is recorded with; null: it is none, after all. */
  settling: () => SettleParts | Promise<SettleParts | null>;
  clock: Clock;
  emit: Emit;
};
