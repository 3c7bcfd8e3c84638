import { debuggerSwitch } from '../../policy/kill-switch.ts';
import type { CliContext } from '../context.ts';
import type { SettingsEntry } from './settings-entries.ts';

const VARIABLES = new Map([
  ['CRASHMON_PORTAL', 'portal'],
  ['CRASHMON_MAIL_TO', 'mail-to'],
  ['CRASHMON_MAIL_FROM', 'mail-from'],
  ['CRASHMON_STATE_DIR', 'state-dir'],
]);

/** systemd shows every user the environment that a unit sets. */
const SECRET_VARIABLES = new Map([
  ['CRASHMON_PORTAL_TOKEN', 'portal-token-file'],
  ['CRASHMON_OTLP_HEADERS', 'otlp-header'],
  ['CRASHMON_NOTIFY', 'notify'],
  ['CRASHMON_SMTP_PASSWORD', 'smtp-password-file'],
  ['CRASHMON_WEBHOOK', 'webhook'],
  ['CRASHMON_WEBHOOK_SECRET', 'webhook-secret-file'],
]);

/** The variables of `crashmon run` as settings, except those that hold secrets: these are ignored with a warning. */
export function environmentEntries(env: CliContext['env'], warnings: string[]): SettingsEntry[] {
  for (const [name, key] of SECRET_VARIABLES) {
    if (!env[name]) continue;
    warnings.push(
      `${name} is ignored, because \`systemctl show\` prints it: set ${key} in the settings file.`,
    );
  }
  const entries = [...VARIABLES].flatMap(([name, key]) =>
    env[name] ? [{ app: null, key, value: env[name], at: `${name}: ` }] : [],
  );
  const isOff = debuggerSwitch(env) !== null;
  return isOff ? [...entries, { app: null, key: 'debugger', value: false, at: '' }] : entries;
}
