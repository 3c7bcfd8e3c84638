import { grouped } from '../../formats/quantity-words.ts';
import type { CrashNotice } from '../notice.ts';
import { nameList, span } from './quantities.ts';

const KILLED =
  'There is no call stack: the kernel ended the process from outside, wherever it just was. More crashes bring none.';

/** Why there is no call stack, and what brings one; null where there is one. */
export function noStack(notice: CrashNotice): string | null {
  const { report, settings, crashesInWindow, state, instances, kind, crashKind } = notice;
  if (kind === 'recovered') return null;
  if (crashKind === 'oom-kill' && (report === null || report.frames.length === 0)) return KILLED;
  if (report !== null) {
    return report.frames.length > 0 ? null : 'The crash was captured, but its call stack could not be read.';
  }
  const on = instances.names.length === 0 ? '' : ` on ${nameList(instances.names.slice(0, 1), 1)}`;
  if (state === 'disabled') {
    return `No call stack: capturing is switched off${on}. Switched on, Crashmon records the next crashes of a loop.`;
  }
  if (state === 'cooling-down') {
    const rest = settings === null ? '' : ` for ${span(settings.cooldownMs)} after a capture`;
    return `No call stack yet: nothing more is captured${on}${rest}.`;
  }
  if (settings === null) return 'No call stack yet: Crashmon captures one when the crashes go on.';
  const needed = settings.armAfter + 1 - crashesInWindow;
  if (state === 'watching' && needed <= 0) {
    return `No call stack: Crashmon cannot capture a crash like this${on}; crashmon status there says why.`;
  }
  if (state === 'armed' || needed <= 0) {
    return `No call stack yet: the next crash${on} is captured.`;
  }
  const verb = needed === 1 ? 'arms' : 'arm';
  return (
    `No call stack yet: ${needed === 1 ? 'one more crash' : `${grouped(needed)} more crashes`}${on} within ${span(settings.windowMs)} ` +
    `${verb} Crashmon there, and the one after that is captured if it can be.`
  );
}
