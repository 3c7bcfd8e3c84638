import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { formatDuration } from '../../formats/duration.ts';
import { plural } from '../../formats/quantity-words.ts';
import type { MonitorState } from '../../model/policy.ts';
import type { CliContext } from '../context.ts';
import { type AppStatus, crashesUntilArmed } from '../journals/app-status.ts';
import { capturable } from './capturable.ts';
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
      return `${seen}; ${crashesUntilArmed(status)} more will arm it`;
    case 'armed': {
      const why = status.manual === 'armed' ? 'manually' : seen;
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
  const { worker, supervised, service } = status;
  const crash = service === null ? capturable(status) : 'the next uncaught exception';
  if (!supervised) return `once crashmon runs again, ${crash} will be captured`;
  const isLater = service === null && worker !== null && !worker.armed;
  return `${crash}${isLater ? ' after a restart' : ''} will be captured`;
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
