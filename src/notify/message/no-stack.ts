import { grouped } from '../../formats/quantity-words.ts';
import type { CrashNotification } from '../notification.ts';
import { nameList, span } from './quantities.ts';

const KILLED =
  'No call stack: the kernel killed the process (OOM kill). Further OOM kills will not have one either.';

/** Why there is no call stack, and how to get one; null if there is one. */
export function noStack(notification: CrashNotification): string | null {
  const { report, settings, crashesInWindow, state, instances, kind, crashKind } = notification;
  if (kind === 'recovered') return null;
  if (crashKind === 'oom-kill' && (report === null || report.frames.length === 0)) return KILLED;
  if (report !== null) {
    return report.frames.length > 0 ? null : 'Crashmon captured the crash but could not read its call stack.';
  }
  const on = instances.names.length === 0 ? '' : ` on ${nameList(instances.names.slice(0, 1), 1)}`;
  if (state === 'disabled') {
    return `No call stack: capture is disabled${on}. Once enabled, Crashmon captures repeated crashes.`;
  }
  if (state === 'cooling-down') {
    const rest = settings === null ? '' : ` for ${span(settings.cooldownMs)} after a capture`;
    return `No call stack yet: capture is paused${on}${rest}.`;
  }
  if (settings === null) return 'No call stack yet: Crashmon captures one if the crashes continue.';
  const needed = settings.armAfter + 1 - crashesInWindow;
  if (state === 'watching' && needed <= 0) {
    return `No call stack: Crashmon cannot capture a crash like this${on}. Run crashmon status there to see why.`;
  }
  if (state === 'armed' || needed <= 0) {
    return `No call stack yet: the next crash${on} will be captured.`;
  }
  const verb = needed === 1 ? 'arms' : 'arm';
  return (
    `No call stack yet: ${needed === 1 ? 'one more crash' : `${grouped(needed)} more crashes`}${on} within ${span(settings.windowMs)} ` +
    `${verb} Crashmon there. The crash after that is captured if possible.`
  );
}
