import type { Emit } from '../../agent/agent-event.ts';
import type { AgentOptions, AgentSecrets } from '../../agent/agent-options.ts';
import { runAgent } from '../../agent/run-agent.ts';
import type { ExitStatus } from '../../model/exit.ts';
import { endLike } from '../../worker/end-like.ts';
import { parseInherited } from '../../worker/inherited.ts';
import type { LaunchFailure } from '../../worker/launch.ts';
import { Outlet } from '../../worker/outlet.ts';
import { type HintParts, hintOf } from '../hint.ts';
import { takeNotifySecrets } from '../options/notify-secrets.ts';
import { takeHeaders } from '../options/uplink-secrets.ts';
import { renderAgentEvent } from '../render/agent-event.ts';
import { paletteFor } from '../render/colors.ts';
import { eventToJson } from './event-to-json.ts';
import { outerEnvironment } from './outer-environment.ts';

/** The parsed command line of `crashmon run`. */
export type SupervisionPlan = {
  options: Omit<AgentOptions, 'env' | 'inherited' | keyof AgentSecrets>;
  /** Sentences about settings that are ignored. */
  problems: string[];
  say: 'all' | 'problems' | 'json';
  colors: boolean;
  hint: HintParts;
};

/** Supervises the worker, reports events, and exits as the worker did. */
export async function supervise(
  { options, problems, say, colors, hint }: SupervisionPlan,
  given?: AgentSecrets,
): Promise<void> {
  const taken: AgentSecrets = {
    uplinkHeaders: takeHeaders(process.env),
    notifySecrets: takeNotifySecrets(process.env),
  };
  const secrets = given ?? taken;
  process.title = `crashmon run: ${options.app}`;
  const outlet = new Outlet(2);
  const palette = paletteFor(colors);
  const context = { hint: hintOf(hint), colors: palette, said: new Set<string>() };
  const emit: Emit = (event) => {
    if (say === 'json')
      void outlet.writeLine(JSON.stringify({ at: new Date().toISOString(), ...eventToJson(event) }));
    else if (say === 'all' || event.event === 'problem') {
      const line = renderAgentEvent(event, options.app, context);
      if (line !== null) void outlet.writeLine(`${palette.dim('crashmon:')} ${line}`);
    }
  };
  for (const message of problems) emit({ event: 'problem', message });
  const env = outerEnvironment(process.env);
  const inherited = parseInherited(process.env.CRASHMON_INHERITED);
  const result = await runAgent({ ...options, env, inherited, ...secrets }, outlet, emit);
  await end(result, outlet);
}

/** Exits as the worker did, so that crashmon's parent sees the same exit. */
async function end(result: ExitStatus | LaunchFailure, outlet: Outlet): Promise<never> {
  if ('failed' in result) void outlet.writeLine(`crashmon: ${result.message}`);
  const stuck = !(await outlet.drained());
  endLike('failed' in result ? asStatus(result) : result, stuck);
}

/** As in shells. */
function asStatus({ failed }: LaunchFailure): ExitStatus {
  return { type: 'code', code: failed === 'not-found' ? 127 : 126 };
}
