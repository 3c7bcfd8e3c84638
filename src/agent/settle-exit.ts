import { MAIN_PROCESS } from '../model/ended-process.ts';
import type { EndedRun } from '../model/run.ts';
import type { AgentOptions } from './agent-options.ts';
import { type JudgedExit, judgeExit, type SeenExit } from './judge-exit.ts';
import type { MonitorParts } from './monitor-parts.ts';

/** What an exit is settled with, whether crashmon started the worker or only watched it. */
export type SettleParts = Pick<
  MonitorParts,
  'directory' | 'memory' | 'analyses' | 'uplink' | 'notify' | 'emit'
> & {
  options: Pick<AgentOptions, 'policy'>;
};

/** Facts of an exit that crashmon did not see. */
export const UNSEEN_EXIT = {
  status: { type: 'unknown' },
  asked: null,
  passedOn: [],
  oomKills: null,
  native: null,
  runtime: null,
  probeOf: null,
  death: null,
  reported: null,
  withoutDebugger: false,
  disabled: false,
  harmed: false,
  supervisor: null,
} as const satisfies Partial<SeenExit>;

/**
 * Settles an exit, once: judges it, advances the policy, records it together with what is to be sent, and queues its
 * report.
 */
export function settleExit(parts: SettleParts, seen: SeenExit): EndedRun {
  const { memory, analyses, uplink, notify } = parts;
  const judged = judge(parts, seen);
  memory.policy = judged.policy;
  const { run, diedAt, status } = seen;
  const ended: EndedRun = {
    ...{ ...run, diedAt, status, ...judged.exit },
    ...{ process: MAIN_PROCESS, replacedAfterMs: null, impact: null },
  };
  const outgoing = uplink?.ended(ended, judged.policy);
  const news = notify?.ended(ended);
  memory.write((journal) => journal.recordExit(ended, judged.policy, { outgoing, news }));
  const { native, death, heldDump = null } = seen;
  analyses.add(ended, { stderr: judged.stderr, native, death, heldDump });
  return ended;
}

/** Whatever is wrong with the evidence, the worker is restarted. */
function judge({ directory, memory, options, emit }: SettleParts, seen: SeenExit): JudgedExit {
  const withoutState = directory === null;
  const context = { directory, withoutState, policy: memory.policy, settings: options.policy };
  try {
    return judgeExit(seen, context);
  } catch (error) {
    const message = `The evidence of this exit could not be read: ${(error as Error).message}.`;
    emit({ event: 'problem', message });
    return judgeExit({ ...seen, stderr: null }, { ...context, directory: null });
  }
}
