import { runtimeWords } from '../../explain/runtime-words.ts';
import type { HostStatus, ServiceStatus } from '../../host/host-status.ts';
import { isAlive } from '../../worker/process-info.ts';
import type { CliContext } from '../context.ts';
import { colorsFor } from './colors.ts';
import { wrap } from './layout.ts';
import { line } from './safe-text.ts';
import { ago } from './times.ts';

/** What `crashmon agent` watches, and what it does not. */
export function hostText(status: HostStatus, context: CliContext): string {
  const { bold, dim } = colorsFor(context.env, context.isTTY);
  const { columns } = context;
  const title = isRunning(status)
    ? `crashmon agent, pid ${status.pid}`
    : 'crashmon agent is not running: nothing is watched';
  const watched = status.services.filter(({ isWatched }) => isWatched);
  const others = status.services.filter(({ isWatched }) => !isWatched);
  return [
    bold(title),
    ...watched.map((service) => wrap(watchedText(service, context), { indent: '  ', columns })),
    ...byReason(others).map((text) => dim(wrap(text, { indent: '  ', columns }))),
    '',
  ].join('\n');
}

/** A line for each reason: a host has dozens of services that are none of its concern. */
function byReason(services: readonly ServiceStatus[]): string[] {
  const reasons = Map.groupBy(services, ({ why }) => why);
  return [...reasons].map(([why, same]) => `${line(why)}: ${same.map(({ name }) => line(name)).join(', ')}`);
}

/** A process ID of before can be another process's now. */
export function isRunning({ pid, startTicks }: HostStatus): boolean {
  return isAlive(pid, startTicks);
}

function watchedText({ name, source, unit, why, running }: ServiceStatus, context: CliContext): string {
  const where = `${line(source)}${unit === null ? '' : ` ${line(unit)}`}`;
  const what = running === null ? 'not running' : runningText(running, context);
  return `${line(name)} (${where}): ${what}; ${line(why)}; ${nextText(source, running)}`;
}

/** What the next crash will leave. */
function nextText(source: string, running: ServiceStatus['running']): string {
  if (running?.isArmed) return 'armed: its next uncaught exception is captured';
  // Others read what the process writes, wherever that goes.
  if (!source.startsWith('systemd')) return 'a crash is explained by what it prints last';
  if (running?.stderr === 'discarded') return 'its standard error is discarded: a crash has no last words';
  if (running?.stderr === 'file')
    return 'its standard error goes to a file, which is not read: a crash has no last words';
  return 'a crash is explained by its last lines in the journal';
}

function runningText(
  { pid, startedAtMs, runtime }: NonNullable<ServiceStatus['running']>,
  context: CliContext,
): string {
  const program = runtime === null ? '' : ` (${runtimeWords({ name: runtime, version: null })})`;
  const started = ago({ wallMs: startedAtMs, monotonicMs: 0, bootId: '' }, context.now());
  return `pid ${pid}${program}, started ${started}`;
}
