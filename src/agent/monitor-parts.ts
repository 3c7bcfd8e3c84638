import type { Emit } from './agent-event.ts';
import type { AgentOptions } from './agent-options.ts';
import type { Analyses } from './analyses.ts';
import type { ExitSource } from './children/child-watch.ts';
import type { Clock } from './clock.ts';
import type { Memory } from './memory.ts';
import type { AgentNotify } from './notify/agent-notify.ts';
import type { StderrChannel } from './stderr-channel.ts';
import type { StopControl } from './stop-control.ts';
import type { AgentUplink } from './uplink/agent-uplink.ts';

/** What the monitor works with; made by `runAgent`. */
export type MonitorParts = {
  options: AgentOptions;
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
  clock: Clock;
  emit: Emit;
};
