import type { Emit } from './agent-event.ts';
import type { AgentNotify } from './notify/agent-notify.ts';
import type { AgentUplink } from './uplink/agent-uplink.ts';

const REPORTED: readonly string[] = ['report', 'last-words', 'system-core'];

/** Passes events of analyses on. What a report adds to the outbox and the news is sent at once. */
export function sendReports(
  emit: Emit,
  uplink: AgentUplink | null,
  notify: AgentNotify | null,
  onReport: () => void = () => {},
): Emit {
  return (event) => {
    emit(event);
    if (!REPORTED.includes(event.event)) return;
    uplink?.refresh();
    notify?.reported();
    onReport();
  };
}
