import { NO_NOTIFY_SECRETS, type NotifySecrets } from '../../agent/agent-options.ts';

/** How the agent is told them: its arguments anybody on the machine could read. */
export const NOTIFY_SECRETS = 'CRASHMON_NOTIFY_SECRETS';

/** Variables that hold secrets of who is told: no worker and no tool inherits them. */
export const NOTIFY_SECRET_VARIABLES: readonly string[] = [
  'CRASHMON_NOTIFY',
  'CRASHMON_SMTP_PASSWORD',
  'CRASHMON_WEBHOOK',
  'CRASHMON_WEBHOOK_SECRET',
  NOTIFY_SECRETS,
];

/** Takes the secrets out of the agent's own environment. */
export function takeNotifySecrets(env: NodeJS.ProcessEnv): NotifySecrets {
  const text = env[NOTIFY_SECRETS];
  for (const name of NOTIFY_SECRET_VARIABLES) delete env[name];
  try {
    return text === undefined ? NO_NOTIFY_SECRETS : { ...NO_NOTIFY_SECRETS, ...JSON.parse(text) };
  } catch {
    // Not from us.
    return NO_NOTIFY_SECRETS;
  }
}
