import type { Option } from 'commander';
import type { CliContext } from '../context.ts';
import { entryOf, keyOf, variableOf } from '../options/environment.ts';
import type { SettingsEntry } from './settings-entries.ts';

/** systemd shows every user the environment that a unit sets. */
const SECRET_VARIABLES = new Map([
  ['CRASHMON_PORTAL_TOKEN', 'portal-token-file'],
  ['CRASHMON_OTLP_HEADERS', 'otlp-header'],
  ['CRASHMON_NOTIFY', 'notify'],
  ['CRASHMON_SMTP_PASSWORD', 'smtp-password-file'],
  ['CRASHMON_WEBHOOK', 'webhook'],
  ['CRASHMON_WEBHOOK_SECRET', 'webhook-secret-file'],
]);

/** The variables of the options as settings, except those that hold secrets: these are ignored with a warning. */
export function environmentEntries(
  options: readonly Option[],
  env: CliContext['env'],
  warnings: string[],
): SettingsEntry[] {
  for (const [name, key] of SECRET_VARIABLES) {
    if (!env[name]) continue;
    warnings.push(
      `${name} is ignored, because \`systemctl show\` prints it: set ${key} in the settings file.`,
    );
  }
  return options.flatMap((option) => {
    const name = variableOf(option);
    const value = SECRET_VARIABLES.has(name) ? undefined : entryOf(option, env);
    return value === undefined ? [] : [{ app: null, key: keyOf(option), value, at: `${name}: ` }];
  });
}
