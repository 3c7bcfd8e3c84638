import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { formatDuration } from '../../formats/duration.ts';
import { plural } from '../../formats/quantity-words.ts';
import type { MonitorState } from '../../model/policy.ts';
import { isSessionRunning } from '../../policy/session-state.ts';
import type { CliContext } from '../context.ts';
import { type AppStatus, crashesUntilArmed } from '../journals/app-status.ts';
import { capturable, capturedBy } from './capturable.ts';
import type { Colors } from './colors.ts';
import { line } from './safe-text.ts';
import { localTime } from './times.ts';

/** What the state means for the next crash, without the state's name. */
export function stateSentence(status: AppStatus, context: CliContext, nowMs: number): string {
  const { settings, crashesInWindow, cooldownUntilMs } = status;
  const seen = `${plural(crashesInWindow, 'crash', 'crashes')} in the last ${formatDuration(settings.windowMs)}`;
  switch (status.state) {
    case 'watching':
      if (status.noCapture !== null)
        return `${seen}; no capture possible: ${noCaptureWords(status.noCapture)}`;
      return `${seen}; ${crashesUntilArmed(status)} more${status.means === 'debugger' ? ' by fatal signals' : ''} will arm it`;
    case 'armed': {
      const inSession = isSessionRunning(status.session, context.now());
      const why = inSession ? 'by a session' : status.manual === 'armed' ? 'manually' : seen;
      if (status.noCapture !== null) {
        return `${why}; a crash like the last one cannot be captured: ${noCaptureWords(status.noCapture)}`;
      }
      return `${why}; ${captureOutlook(status)}`;
    }
    case 'cooling-down': {
      const until = cooldownUntilMs ?? nowMs;
      const left = formatDuration(Math.max(0, until - nowMs));
      return `captured; can arm again in ${left} (${localTime(until, context, nowMs)})`;
    }
    case 'disabled':
      if (status.disabled !== null) return `nothing will be captured: ${line(status.disabled)}`;
      return 'disarmed manually; nothing will be captured until it is armed again';
  }
}

/** What an armed app will capture, and when. */
export function captureOutlook(status: AppStatus): string {
  const isRecorded = status.service === null && status.lastKind === 'oom-kill';
  // An OOM kill has no call stack that could be captured.
  const more = isRecorded ? ', and what fills its memory is recorded before an OOM kill' : '';
  return `${captureWords(status)}${more}`;
}

function captureWords(status: AppStatus): string {
  const { worker, supervised, service, means } = status;
  const next = means === null ? 'the next crash' : `the next ${capturedBy(means)}`;
  const crash = service === null ? capturable(status) : next;
  if (isArmedBelow(status)) {
    // Workers need no restart, their main process may.
    const main = service === null && worker?.armed ? `${crash} and ` : '';
    const below = capturedBy(status.program?.children?.means ?? 'exit-watch');
    return `${main}the next ${below} of its workers will be captured`;
  }
  if (!supervised) return `once crashmon runs again, ${crash} will be captured`;
  const isLater = service === null && worker !== null && !worker.armed;
  // A session has the worker attached that was started without the probe.
  if (isLater && status.debugger?.state === 'attached') return 'the next fatal signal will be captured';
  if (isLater && status.isExitWatched) return `the next ${capturedBy('exit-watch')} will be captured`;
  return `${crash}${isLater ? ' after a restart' : ''} will be captured`;
}

/** Processes below the main one are armed. */
function isArmedBelow({ program, worker, supervised }: AppStatus): boolean {
  return supervised && worker !== null && (program?.children?.armed ?? 0) > 0;
}

export function paintState(state: MonitorState, colors: Colors): string {
  const paint = {
    watching: colors.green,
    armed: colors.magenta,
    'cooling-down': colors.cyan,
    disabled: colors.yellow,
  }[state];
  return paint(state);
}
