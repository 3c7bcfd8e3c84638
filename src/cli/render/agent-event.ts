import type { AgentEvent } from '../../agent/agent-event.ts';
import { exitReasonWords } from '../../explain/exit-reason-words.ts';
import { exitWords } from '../../explain/exit-words.ts';
import { impactWords } from '../../explain/impact-words.ts';
import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { processWords, replacementWords } from '../../explain/process-words.ts';
import { refusalWords } from '../../explain/refusal-words.ts';
import { requestWords } from '../../explain/request-words.ts';
import { formatDuration } from '../../formats/duration.ts';
import { plural } from '../../formats/quantity-words.ts';
import type { Hint } from '../hint.ts';
import { capturable, capturedBy } from './capturable.ts';
import type { Colors } from './colors.ts';
import { childrenText, forksText, missedWorkersText } from './forks-text.ts';
import { line } from './safe-text.ts';

type SlotEvent = Extract<AgentEvent, { event: 'slot' }>;
/** More process IDs would not help. */
const MOST_PIDS = 5;

type ChildEvent = Extract<AgentEvent, { event: 'child-ended' }>;
type EndedEvent = Extract<AgentEvent, { event: 'ended' }>;

/** What the lines of a process share. */
export type LineContext = {
  hint: Hint;
  colors: Colors;
  /** Why nothing can be captured, as far as it was said; once for each app. */
  said: Set<string>;
};

/** One line for each event of the agent. */
export function renderAgentEvent(event: AgentEvent, app: string, context: LineContext): string {
  const { hint, colors } = context;
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
      return renderEnded(event, app, context);
    case 'watching':
      return `watching ${event.count} of ${plural(event.all, 'service')}: ${bold(hint('status'))}`;
    case 'armed':
      return `${app} is ${yellow('armed')}, pid ${event.pid}: the next ${capturedBy(event.means)} will be captured`;
    case 'missed':
      return `${app}: at least ${plural(event.count, 'run')} ended while crashmon was not watching; only the number is known`;
    case 'missed-workers':
      return `${app}: ${missedWorkersText(event.count, event.name)}`;
    case 'debugger':
      return event.state === 'attached'
        ? dim('debugger attached: a fatal signal will be captured too')
        : dim(`no debugger attached: a fatal signal will have no call stack: ${event.reason}`);
    case 'forks':
      return dim(forksText(event.count));
    case 'children':
      return dim(childrenText(event));
    case 'child-ended':
      return renderChild(event, app, context);
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
    case 'dump':
      return event.why === null
        ? `the dump of ${event.runId} was kept, ${`${event.left} left`}: ${bold(hint('session', 'show', event.runId))}`
        : yellow(`the dump of ${event.runId} was not kept: ${refusalWords(event.why)}`);
    case 'asked': {
      const what = event.what === 'session' ? 'a session' : 'arming the next worker';
      return event.why === null
        ? `the portal asked for ${what}: done`
        : yellow(`the portal asked for ${what}: refused, ${requestWords(event.why)}`);
    }
    case 'report':
      return `${green('captured')} ${reportWords(event)}${titled(event)}: ${bold(hint('show', event.runId))}`;
    case 'last-words': {
      const what = event.hasStack ? 'call stack' : 'exception';
      return `${what} read from standard error${titled(event)}: ${bold(hint('show', event.runId))}`;
    }
    case 'system-core':
      return `call stack read from the core dump${titled(event)}: ${bold(hint('show', event.runId))}`;
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

function renderEnded(event: EndedEvent, app: string, context: LineContext): string {
  const { hint } = context;
  const { bold, dim, red, yellow } = context.colors;
  const uptime = `after ${formatDuration(event.uptimeMs)}`;
  const reason = exitReasonWords(event.verdict.reason, event.status, true);
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
  return `${bold(app)} ${word} ${uptime}: ${reason}; ${count}${nextStep(event, app, context, '; the next worker will be armed')}`;
}

function renderChild(event: ChildEvent, app: string, context: LineContext): string {
  const { hint } = context;
  const { bold, dim, red, yellow } = context.colors;
  const { process, verdict, status, crashesInWindow, windowMs } = event;
  const what = `${processWords(process)} of ${bold(app)}`;
  const uptime = `after ${formatDuration(event.uptimeMs)}`;
  const reason = exitReasonWords(verdict.reason, status, true);
  const after = replacementWords(process, event.replacedAfterMs);
  if (!verdict.counted) {
    const captured = event.captured ? `; captured; the report will follow: ${hint('show', event.runId)}` : '';
    return dim(`${what} ended ${uptime}: ${reason}; not counted; ${after}${captured}`);
  }
  const word = verdict.suspected ? yellow('exited unexpectedly') : red('crashed');
  const words = event.impact === null ? null : impactWords(event.impact);
  const cut = words === null ? '' : `; ${words}`;
  const count = `${plural(crashesInWindow, 'crash', 'crashes')} in ${formatDuration(windowMs)}`;
  const next = nextStep(event, app, context, '; the next crash of a worker will be captured');
  return `${what} ${word} ${uptime}: ${reason}; ${after}${cut}; ${count}${next}`;
}

function nextStep(
  event: EndedEvent | ChildEvent,
  app: string,
  { hint, said }: LineContext,
  ifArmed: string,
): string {
  const { runId, state, crashesInWindow, armAfter, cooldownUntilMs, captured, noCapture } = event;
  if (captured) return `; captured; the report will follow: ${hint('show', runId)}`;
  if (state === 'armed') return ifArmed;
  if (state === 'cooling-down' && cooldownUntilMs !== null) {
    return `; no capture until ${new Date(cooldownUntilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  }
  if (state !== 'watching') return '';
  if (noCapture !== null) {
    const words = noCaptureWords(noCapture);
    const key = `${app}: ${words}`;
    if (said.has(key)) return '; still no capture possible';
    said.add(key);
    return `; no capture possible: ${words}`;
  }
  const more = armAfter + 1 - crashesInWindow;
  return `; ${more} more will arm it`;
}

/** What ended it, in a few words: `TypeError in pay (server.js)`. */
function titled({ title }: { title: string | null }): string {
  return title === null ? '' : `, ${line(title)}`;
}

/** An OOM kill leaves no call stack. */
function reportWords({ hasStack, hasMemory }: Extract<AgentEvent, { event: 'report' }>): string {
  if (hasStack) return 'with its call stack';
  return hasMemory ? 'with what filled its memory' : 'without a call stack';
}
