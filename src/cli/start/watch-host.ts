import type { AgentEvent } from '../../agent/agent-event.ts';
import { loadAddon } from '../../host/addon.ts';
import type { HostSettings } from '../../host/host-settings.ts';
import { kubernetesPlace } from '../../host/kubernetes/kubernetes-place.ts';
import { type RunningHostAgent, runHostAgent } from '../../host/run-host-agent.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { feedWatchdog } from '../../worker/feed-watchdog.ts';
import { notifySystemd } from '../../worker/notify-systemd.ts';
import { Outlet } from '../../worker/outlet.ts';
import type { CliContext } from '../context.ts';
import { hintFor } from '../hint.ts';
import { renderAgentEvent } from '../render/agent-event.ts';
import { paletteFor } from '../render/colors.ts';
import { line } from '../render/safe-text.ts';
import { wantsColors } from '../render/wants-colors.ts';
import { eventToJson } from './event-to-json.ts';

type Read = () => { settings: HostSettings; warnings: string[] };

/** Runs the agent of this host until it is stopped; SIGHUP reads the settings again. */
export async function watchHost(stateDir: string, read: Read, context: CliContext): Promise<void> {
  process.title = 'crashmon agent';
  const outlet = new Outlet(2);
  const palette = paletteFor(wantsColors(context.env, context.stderrIsTerminal));
  const lines = { hint: hintFor({ stateDir }, context), colors: palette, said: new Set<string>() };
  let { settings, warnings } = read();
  const emit = (event: AgentEvent, app: string | null) => {
    if (settings.say === 'json') {
      void outlet.writeLine(JSON.stringify({ at: new Date().toISOString(), app, ...eventToJson(event) }));
    } else if (settings.say === 'all' || event.event === 'problem') {
      const text = renderAgentEvent(event, app ?? 'the agent', lines);
      const named = app === null || text.includes(app) ? text : `${app}: ${text}`;
      void outlet.writeLine(`${palette.dim('crashmon:')} ${named}`);
    }
  };
  const problem = (message: string) => emit({ event: 'problem', message }, null);
  warnings.forEach(problem);
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  let agent: RunningHostAgent | null = null;
  const used = settings;
  process.on('SIGHUP', () => {
    try {
      ({ settings, warnings } = read());
      agent?.use(settings);
      warnings.forEach(problem);
    } catch (error) {
      if (!(error instanceof CrashmonError)) throw error;
      problem(`The changed settings are not used: ${line(error.message)}`);
    }
  });
  agent = await runHostAgent({
    ...{ settings, stateDir, uid: context.uid, emit },
    kubernetes: kubernetesPlace(context.env),
  });
  if (settings !== used) agent.use(settings);
  notifySystemd(context.env, 'READY=1');
  const watchdog = feedWatchdog(context.env, loadAddon().feedWatchdog);
  const keepRunning = setInterval(() => {}, 2 ** 30);
  await stopped;
  await agent.end();
  clearInterval(keepRunning);
  watchdog[Symbol.dispose]();
  await outlet.drained();
  process.exit(0);
}
