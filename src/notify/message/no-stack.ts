import { whyNeverStack } from '../../explain/no-stack.ts';
import { outlook } from '../../explain/outlook.ts';
import type { CrashNotification } from '../notification.ts';
import { oneLine } from './one-line.ts';
import { instant } from './quantities.ts';

/** Why there is no call stack, and how to get one; null if there is one. */
export function noStack(notification: CrashNotification): string | null {
  const { report, settings, crashesInWindow, state, noCapture, instances, kind, crashKind, timeZone } =
    notification;
  if (kind === 'recovered' || (report !== null && report.frames.length > 0)) return null;
  const never = whyNeverStack({ ...report, kind: crashKind, hasReport: report !== null });
  if (never !== null) return never;
  const instance = oneLine(instances.names[0] ?? 'the instance', 60);
  const status = { state: state ?? 'watching', settings, crashesInWindow, noCapture, cooldownUntilMs: null };
  return `No call stack yet. ${outlook(status, { name: instance, where: `on ${instance}`, time: (atMs) => instant(atMs, timeZone) })}`;
}
