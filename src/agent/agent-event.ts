import type { DebuggerState, ProgramState } from '../journal/documents.ts';
import type { CaptureMeans } from '../model/capture-means.ts';
import type { EndedChild } from '../model/ended-process.ts';
import type { ExitStatus, ExitVerdict } from '../model/exit.ts';
import type { Impact } from '../model/impact.ts';
import type { NoCapture } from '../model/no-capture.ts';
import type { MonitorState } from '../model/policy.ts';
import type { RemoteRequest, RequestRefusal } from '../model/remote-request.ts';
import type { Refusal } from '../model/session.ts';

/** What the agent reports while it runs; it contains no text of the worker. */
export type AgentEvent =
  | {
      event: 'started';
      runId: string;
      pid: number;
      state: MonitorState;
      armed: boolean;
      restarts: number;
      /** It was started before crashmon came to watch it. */
      alreadyRunning?: true;
      /** The program of the previous worker, else what the command names; null if unknown. */
      program: ProgramState | null;
    }
  | { event: 'taken-over'; runId: string; pid: number; state: MonitorState; armed: boolean }
  | {
      event: 'ended';
      runId: string;
      status: ExitStatus;
      verdict: ExitVerdict;
      uptimeMs: number;
      crashesInWindow: number;
      armAfter: number;
      windowMs: number;
      captured: boolean;
      /** State for the next worker. */
      state: MonitorState;
      cooldownUntilMs: number | null;
      noCapture: NoCapture | null;
    }
  /** A process below the main one ended, and the main one runs on. */
  | {
      event: 'child-ended';
      runId: string;
      process: EndedChild;
      status: ExitStatus;
      verdict: ExitVerdict;
      uptimeMs: number;
      crashesInWindow: number;
      armAfter: number;
      windowMs: number;
      captured: boolean;
      /** State for the workers that run. */
      state: MonitorState;
      cooldownUntilMs: number | null;
      noCapture: NoCapture | null;
      replacedAfterMs: number | null;
      impact: Impact | null;
    }
  /** What a crash of the worker did to its clients, once the next one serves them. */
  | { event: 'impact'; runId: string; impact: Impact }
  /** Workers below a master are watched; how many there are now. */
  | { event: 'children'; name: string; count: number; armed: number; means: CaptureMeans }
  /** The agent of a host has begun: so many services are watched, of all. */
  | { event: 'watching'; count: number; all: number }
  /** The process of a service that runs is watched: what ends it will be captured. */
  | { event: 'armed'; runId: string; pid: number; means: CaptureMeans }
  /** Runs of a service that ended unseen: at least so many. */
  | { event: 'missed'; count: number }
  /** Workers below a master that ended and were only counted; they need not have crashed. */
  | { event: 'missed-workers'; name: string; count: number }
  /** The debugger of an armed worker is attached, or why it is not. */
  | { event: 'debugger'; state: DebuggerState['state']; reason: string | null }
  /** Children run the same program: their crashes are not seen. */
  | { event: 'forks'; count: number }
  | { event: 'restarting'; delayMs: number }
  /** `hasMemory`: it says where the memory was before it ran out. */
  | { event: 'report'; runId: string; title: string | null; hasStack: boolean; hasMemory: boolean }
  /** In a session: a dump was kept, or why not; so many more are kept. */
  | { event: 'dump'; runId: string; why: Refusal | null; left: number }
  /** The portal asked for a session, or to arm the next worker; `why` it was refused, null if it was done. */
  | { event: 'asked'; what: RemoteRequest['what']; why: RequestRefusal | null }
  /** The report of a crash that was not captured, read from standard error. */
  | { event: 'last-words'; runId: string; title: string | null; hasStack: boolean }
  /** The same, from the core dump that the system's handler took. */
  | { event: 'system-core'; runId: string; title: string | null; hasStack: boolean }
  /** No further restart (--max-restarts): crashmon ends as the worker did. */
  | { event: 'restart-limit'; most: number; withinMs: number }
  /** A notification was delivered: its subject and recipient. */
  | { event: 'notified'; text: string }
  | { event: 'stopping'; signal: string; timeoutMs: number }
  | { event: 'killing'; pid: number }
  /** Processes left over from the worker's run are being ended. */
  | { event: 'ending-rest'; signal: 'SIGTERM' | 'SIGKILL'; pids: number[] }
  | { event: 'disabled'; reason: string }
  /** The instance's name was taken: by another crashmon of this app, a worker that one left, or another app. */
  | { event: 'slot'; instance: string; because: SlotReason }
  /** A part of crashmon does not work; the worker is not affected. */
  | { event: 'problem'; message: string };

export type SlotReason =
  | { type: 'monitored' }
  | { type: 'left-running'; pid: number }
  /** Another app of the same name, in this directory. */
  | { type: 'other-app'; directory: string };

export type Emit = (event: AgentEvent) => void;
