import type { DebuggerState, ProgramState } from '../journal/documents.ts';
import type { ExitStatus, ExitVerdict } from '../model/exit.ts';
import type { NoCapture } from '../model/no-capture.ts';
import type { MonitorState } from '../model/policy.ts';

/** What the agent tells its user while it runs; nothing in it is text of the worker's. */
export type AgentEvent =
  | {
      event: 'started';
      runId: string;
      pid: number;
      state: MonitorState;
      armed: boolean;
      restarts: number;
      /** What the worker before it ran, null where it was not seen. */
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
  /** The debugger of an armed worker waits for its death, or why it does not. */
  | { event: 'debugger'; state: DebuggerState['state']; reason: string | null }
  /** Children run the same program: their crashes are not seen. */
  | { event: 'forks'; count: number }
  | { event: 'restarting'; delayMs: number }
  | { event: 'report'; runId: string; hasStack: boolean }
  /** No further restart (--max-restarts): crashmon ends as the worker did. */
  | { event: 'restart-limit'; most: number; withinMs: number }
  /** A message was delivered: its subject, and who got it. */
  | { event: 'told'; text: string }
  | { event: 'stopping'; signal: string; timeoutMs: number }
  | { event: 'killing'; pid: number }
  /** Processes that outlived the worker of their run are ended. */
  | { event: 'ending-rest'; signal: 'SIGTERM' | 'SIGKILL'; pids: number[] }
  | { event: 'disabled'; reason: string }
  /** The instance's name was taken: by another crashmon of this app, a worker that one left, or another app. */
  | { event: 'slot'; instance: string; because: SlotReason }
  /** Something of crashmon's own does not work; the worker is not concerned. */
  | { event: 'problem'; message: string };

export type SlotReason =
  | { type: 'monitored' }
  | { type: 'left-running'; pid: number }
  /** One of the same name, whose directory this is. */
  | { type: 'other-app'; directory: string };

export type Tell = (event: AgentEvent) => void;
