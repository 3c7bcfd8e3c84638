import { type Command, Option } from 'commander';
import { APP_LIMITS, type AppLimits } from '../portal/store/limits.ts';
import { countValue } from './option-values.ts';

export type PortalLimitOptions = { maxNotifications: number };

/** What one app can have at most. */
export function addPortalLimitOptions(command: Command): Command {
  return command.addOption(
    new Option('--max-notifications <count>', 'notifications of one app an hour; beyond it, one digest')
      .argParser(countValue(10_000))
      .default(APP_LIMITS.noticesPerHour),
  );
}

export const appLimitsOf = ({ maxNotifications }: PortalLimitOptions): AppLimits => ({
  noticesPerHour: maxNotifications,
});
