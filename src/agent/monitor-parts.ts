import type { ExitStatus } from '../model/exit.ts';
import type { LaunchFailure } from '../worker/launch.ts';
import type { Emit } from './agent-event.ts';
import type { AgentOptions } from './agent-options.ts';
import type { Analyses } from './analyses.ts';
import type { ExitSource } from './children/child-exit.ts';
import type { Clock } from './clock.ts';
import type { Memory } from './memory.ts';
import type { DebuggerPool } from './native/debugger-pool.ts';
import type { AgentNotify } from './notify/agent-notify.ts';
import type { StderrChannel } from './stderr-channel.ts';
import type { StopControl } from './stop-control.ts';
import type { AgentUplink } from './uplink/agent-uplink.ts';

/** `begin-again`: the worker is to be started again, by a monitor that can store what it sees. */
export type RunResult = ExitStatus | LaunchFailure | 'begin-again';

/** What the monitor works with; made by `runAgent`. */
export type MonitorParts = {
  options: AgentOptions;
  /** As the app's journal has it. */
  instance: string;
  /** State directory of this app and instance, null if there is none. */
  directory: string | null;
  memory: Memory;
  /** null if standard error is not tapped. */
  stderr: StderrChannel | null;
  stop: StopControl;
  analyses: Analyses;
  /** null if nothing is sent. */
  uplink: AgentUplink | null;
  /** null if there are no notifications, except by a portal. */
  notify: AgentNotify | null;
  /** Reports how processes end that are not crashmon's children. */
  exits: ExitSource;
  /** For processes below the worker; null: no debugger is wanted. */
  debuggers: DebuggerPool | null;
  /** Nothing could be stored, and from another beginning on it could be. */
  couldStore(): boolean;
  clock: Clock;
  emit: Emit;
};
