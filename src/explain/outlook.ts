import { formatDuration } from '../formats/duration.ts';
import { plural } from '../formats/quantity-words.ts';
import type { MonitorStatus } from '../model/policy.ts';
import { noCaptureWords } from './no-capture-words.ts';

type Names = {
  /** `web-3`, `shop`; unescaped. */
  name: string;
  /** `on web-3`, `of shop` */
  where: string;
  /** What happens at the next crash while armed. */
  captures?: string;
  /** Writes a time. */
  time: (atMs: number) => string;
};

/** What the next crash on an instance brings: `web-3 is armed: the next crash will be captured.` */
export function outlook(
  status: MonitorStatus,
  { name, where, captures = 'the next crash will be captured', time }: Names,
): string {
  const { state, settings, crashesInWindow, cooldownUntilMs, noCapture = null } = status;
  switch (state) {
    case 'armed':
      return noCapture === null
        ? `${name} is armed: ${captures}.`
        : `${name} is armed, but a crash like the last one cannot be captured: ${noCaptureWords(noCapture)}.`;
    case 'cooling-down': {
      if (cooldownUntilMs !== null) return `Capture ${where} is paused until ${time(cooldownUntilMs)}.`;
      const pause = settings === null ? '' : ` for ${formatDuration(settings.cooldownMs)}`;
      return `Capture ${where} is paused${pause} after the last one.`;
    }
    case 'disabled':
      return `Capture ${where} is disabled.`;
    case 'watching': {
      if (noCapture !== null) {
        return `A crash ${where} like the last one cannot be captured: ${noCaptureWords(noCapture)}.`;
      }
      if (settings === null) return 'Crashmon captures a call stack if the crashes continue.';
      const more = settings.armAfter + 1 - crashesInWindow;
      if (more <= 0) {
        return `A crash ${where} like the last one cannot be captured: crashmon status shows why.`;
      }
      const window = formatDuration(settings.windowMs);
      return `After ${plural(more, 'more crash', 'more crashes')} ${where} within ${window}, Crashmon is armed to capture the next one.`;
    }
  }
}
