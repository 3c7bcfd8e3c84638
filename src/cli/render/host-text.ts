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
  const words = source.startsWith('systemd') ? 'its last lines in the journal' : 'what it prints last';
  const next = running?.isArmed
    ? 'armed: its next uncaught exception is captured'
    : `a crash is explained by ${words}`;
  return `${line(name)} (${where}): ${what}; ${line(why)}; ${next}`;
}

function runningText(
  { pid, startedAtMs, runtime }: NonNullable<ServiceStatus['running']>,
  context: CliContext,
): string {
  const program = runtime === null ? '' : ` (${runtimeWords({ name: runtime, version: null })})`;
  const started = ago({ wallMs: startedAtMs, monotonicMs: 0, bootId: '' }, context.now());
  return `pid ${pid}${program}, started ${started}`;
}
