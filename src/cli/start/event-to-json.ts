import type { AgentEvent } from '../../agent/agent-event.ts';
import { exitReasonWords } from '../../explain/exit-reason-words.ts';

/** The contract of `run --json` and `agent --json`. */
export function eventToJson(event: AgentEvent): object {
  if (event.event !== 'ended' && event.event !== 'child-ended') return event;
  const { verdict, status } = event;
  const reason = exitReasonWords(verdict.reason, status);
  return { ...event, verdict: { ...verdict, reason, reasonCode: verdict.reason.code } };
}
