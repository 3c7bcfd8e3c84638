import type { AgentEvent } from '../../agent/agent-event.ts';
import { exitReasonWords } from '../../explain/exit-reason-words.ts';
import { exitWords } from '../../explain/exit-words.ts';
import { impactWords } from '../../explain/impact-words.ts';
import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { processWords, replacementWords } from '../../explain/process-words.ts';
import { formatDuration } from '../../formats/duration.ts';
import { plural } from '../../formats/quantity-words.ts';
import type { Hint } from '../hint.ts';
import { capturable } from './capturable.ts';
import type { Colors } from './colors.ts';
import { childrenText, forksText } from './forks-text.ts';

type SlotEvent = Extract<AgentEvent, { event: 'slot' }>;
/** More process IDs would not help. */
const MOST_PIDS = 5;

type ChildEvent = Extract<AgentEvent, { event: 'child-ended' }>;
type EndedEvent = Extract<AgentEvent, { event: 'ended' }>;

/** One line for each event of the agent. */
export function renderAgentEvent(event: AgentEvent, app: string, hint: Hint, colors: Colors): string {
  const { bold, dim, red, yellow, green } = colors;
  switch (event.event) {
    case 'started': {
      const { restarts, alreadyRunning } = event;
      const again = alreadyRunning ? 'is already running' : 'started';
      const words = alreadyRunning ? plural(restarts, 'restart') : `restart ${restarts}`;
      const count = restarts === 0 ? '' : ` (${words})`;
      const armed = event.armed ? `, ${yellow('armed')}: ${capturable(event)} will be captured` : '';
      return dim(`${app} ${again}${count}, pid ${event.pid}`) + armed;
    }
    case 'taken-over':
      return `${app} was still running and has been taken over, pid ${event.pid}${event.armed ? ' (armed)' : ''}`;
    case 'ended':
      return renderEnded(event, app, hint, colors);
    case 'watching':
      return `watching ${event.count} of ${plural(event.all, 'service')}: ${bold(hint('status'))}`;
    case 'armed':
      return `${app} is ${yellow('armed')}, pid ${event.pid}: the next uncaught exception will be captured`;
    case 'missed':
      return `${app}: at least ${plural(event.count, 'run')} ended while crashmon was not watching; only the number is known`;
    case 'debugger':
      return event.state === 'attached'
        ? dim('debugger attached: a fatal signal will be captured too')
        : dim(`no debugger attached: a fatal signal will have no call stack: ${event.reason}`);
    case 'forks':
      return dim(forksText(event.count));
    case 'children':
      return dim(childrenText(event));
    case 'child-ended':
      return renderChild(event, app, hint, colors);
    case 'impact': {
      const words = impactWords(event.impact);
      return `${app}: ${words ?? 'nothing known'}`;
    }
    case 'restarting':
      return dim(`restarting ${app} in ${formatDuration(event.delayMs)}`);
    case 'restart-limit': {
      const limit = `${plural(event.most, 'restart')} in ${formatDuration(event.withinMs)}`;
      return `not restarting ${app}: ${limit} (--max-restarts); crashmon exits with the same status`;
    }
    case 'report':
      return event.hasStack
        ? `${green('captured')} with its call stack: ${bold(hint('show', event.runId))}`
        : `${green('captured')} without a call stack: ${bold(hint('show', event.runId))}`;
    case 'last-words': {
      const what = event.hasStack ? 'call stack' : 'exception';
      return `${what} read from standard error: ${bold(hint('show', event.runId))}`;
    }
    case 'notified':
      return dim(`notification sent: ${event.text}`);
    case 'stopping':
      return dim(`stopping ${app} (${event.signal}), SIGKILL in ${formatDuration(event.timeoutMs)}`);
    case 'killing':
      return `${app} did not stop in time: ${red('SIGKILL')} to pid ${event.pid}`;
    case 'ending-rest': {
      const what = `${plural(event.pids.length, 'process', 'processes')} that ${app} left running`;
      const pids = `pid ${event.pids.slice(0, MOST_PIDS).join(', ')}${event.pids.length > MOST_PIDS ? ' …' : ''}`;
      return event.signal === 'SIGKILL'
        ? `${red('SIGKILL')} to ${what} (${pids})`
        : dim(`SIGTERM to ${what} (${pids})`);
    }
    case 'disabled':
      return dim(`monitoring is switched off (${event.reason})`);
    case 'slot':
      return renderSlot(event, app);
    case 'problem':
      return `${yellow('problem')}: ${event.message}`;
  }
}

function renderSlot({ instance, because }: SlotEvent, app: string): string {
  switch (because.type) {
    case 'monitored':
      return `another crashmon already monitors ${app} here; this is instance ${instance}`;
    case 'other-app':
      return `the app in ${because.directory} is also named ${app}; this is instance ${instance} (use --name to distinguish them)`;
    case 'left-running':
      return `an earlier crashmon of ${app} was killed; its worker still runs another command, pid ${because.pid}. It is left alone, and this is instance ${instance} (with --name, it would be replaced)`;
  }
}

function renderEnded(event: EndedEvent, app: string, hint: Hint, { bold, dim, red, yellow }: Colors): string {
  const uptime = `after ${formatDuration(event.uptimeMs)}`;
  const reason = exitReasonWords(event.verdict.reason, event.status);
  // With monitoring switched off, no exit is counted.
  if (event.crashesInWindow === 0 && event.verdict.counted) {
    return dim(`${app} exited ${uptime}: ${exitWords(event.status)}`);
  }
  if (!event.verdict.counted) {
    const captured = event.captured ? `; captured; the report will follow: ${hint('show', event.runId)}` : '';
    return dim(`${app} exited ${uptime}: ${reason}; not counted${captured}`);
  }
  const word = event.verdict.suspected ? yellow('exited unexpectedly') : red('crashed');
  const times = event.crashesInWindow === 1 ? '1 crash' : `${event.crashesInWindow} crashes`;
  const count = `${times} in ${formatDuration(event.windowMs)}`;
  return `${bold(app)} ${word} ${uptime}: ${reason}; ${count}${nextStep(event, hint)}`;
}

function renderChild(event: ChildEvent, app: string, hint: Hint, { bold, dim, red, yellow }: Colors): string {
  const { process, verdict, status, crashesInWindow, windowMs } = event;
  const what = `${processWords(process)} of ${bold(app)}`;
  const uptime = `after ${formatDuration(event.uptimeMs)}`;
  const reason = exitReasonWords(verdict.reason, status);
  const after = replacementWords(process, event.replacedAfterMs);
  if (!verdict.counted) return dim(`${what} ended ${uptime}: ${reason}; not counted; ${after}`);
  const word = verdict.suspected ? yellow('exited unexpectedly') : red('crashed');
  const words = event.impact === null ? null : impactWords(event.impact);
  const cut = words === null ? '' : `; ${words}`;
  const count = `${plural(crashesInWindow, 'crash', 'crashes')} in ${formatDuration(windowMs)}`;
  return `${what} ${word} ${uptime}: ${reason}; ${after}${cut}; ${count}: ${hint('show', event.runId)}`;
}

function nextStep(event: EndedEvent, hint: Hint): string {
  const { runId, state, crashesInWindow, armAfter, cooldownUntilMs, captured, noCapture } = event;
  if (captured) return `; captured; the report will follow: ${hint('show', runId)}`;
  if (state === 'armed') return '; the next worker will be armed';
  if (state === 'cooling-down' && cooldownUntilMs !== null) {
    return `; no capture until ${new Date(cooldownUntilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  }
  if (state !== 'watching') return '';
  if (noCapture !== null) return `; no capture possible: ${noCaptureWords(noCapture)}`;
  const more = armAfter + 1 - crashesInWindow;
  return `; ${more} more will arm it`;
}
