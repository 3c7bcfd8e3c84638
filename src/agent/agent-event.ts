import type { DebuggerState, ProgramState } from '../journal/documents.ts';
import type { EndedChild } from '../model/ended-process.ts';
import type { ExitStatus, ExitVerdict } from '../model/exit.ts';
import type { Impact } from '../model/impact.ts';
import type { NoCapture } from '../model/no-capture.ts';
import type { MonitorState } from '../model/policy.ts';

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
      windowMs: number;
      replacedAfterMs: number | null;
      impact: Impact | null;
    }
  /** What a crash of the worker did to its clients, once the next one serves them. */
  | { event: 'impact'; runId: string; impact: Impact }
  /** Workers below a master are watched; how many there are now. */
  | { event: 'children'; name: string; count: number }
  /** The agent of a host has begun: so many services are watched, of all. */
  | { event: 'watching'; count: number; all: number }
  /** The exit of the process of a service that runs is watched: what ends it will be captured. */
  | { event: 'armed'; runId: string; pid: number }
  /** Runs of a service that ended unseen: at least so many. */
  | { event: 'missed'; count: number }
  /** The debugger of an armed worker is attached, or why it is not. */
  | { event: 'debugger'; state: DebuggerState['state']; reason: string | null }
  /** Children run the same program: their crashes are not seen. */
  | { event: 'forks'; count: number }
  | { event: 'restarting'; delayMs: number }
  | { event: 'report'; runId: string; hasStack: boolean }
  /** The report of a crash that was not captured, read from standard error. */
  | { event: 'last-words'; runId: string; hasStack: boolean }
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
