import type { Emit } from './agent-event.ts';
import type { AgentNotify } from './notify/agent-notify.ts';
import type { AgentUplink } from './uplink/agent-uplink.ts';

/** Passes events of analyses on. What a report adds to the outbox and the news is sent at once. */
export function sendReports(emit: Emit, uplink: AgentUplink | null, notify: AgentNotify | null): Emit {
  return (event) => {
    emit(event);
    if (event.event !== 'report' && event.event !== 'last-words') return;
    uplink?.refresh();
    notify?.reported();
  };
}
