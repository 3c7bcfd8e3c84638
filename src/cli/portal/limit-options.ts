import { type Command, Option } from 'commander';
import { APP_LIMITS, type AppLimits } from '../../portal/store/limits.ts';
import { byteSizeValue, countValue } from '../options/option-values.ts';

export type PortalLimitOptions = {
  maxNotifications: number;
  maxSignatures: number;
  maxInstances: number;
  portalDumps?: number;
};

/** Limits per app, and of dumps. */
export function addPortalLimitOptions(command: Command): Command {
  const option = (flags: string, what: string, most: number, fallback: number) =>
    new Option(flags, what).argParser(countValue(most)).default(fallback);
  const { notificationsPerHour, signatures, instances } = APP_LIMITS;
  const notifications = 'notifications per app and hour; further ones become one digest';
  return command
    .addOption(option('--max-notifications <count>', notifications, 10_000, notificationsPerHour))
    .addOption(
      option(
        '--max-signatures <count>',
        'groups per app; further ones are counted together',
        100_000,
        signatures,
      ),
    )
    .addOption(
      option(
        '--max-instances <count>',
        'instances per app; further ones are counted together',
        100_000,
        instances,
      ),
    )
    .option(
      '--portal-dumps <size>',
      'keep encrypted dumps that sessions send, of this size in all (default: none)',
      byteSizeValue,
    );
}

export const appLimitsOf = (options: PortalLimitOptions): AppLimits => ({
  notificationsPerHour: options.maxNotifications,
  signatures: options.maxSignatures,
  instances: options.maxInstances,
});
