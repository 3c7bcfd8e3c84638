import { NO_NOTIFY_SECRETS, type NotifySecrets } from '../../agent/agent-options.ts';

/** Passes them to the agent: other users can read arguments. */
export const NOTIFY_SECRETS = 'CRASHMON_NOTIFY_SECRETS';

/** Variables with notification secrets: no worker and no tool inherits them. */
export const NOTIFY_SECRET_VARIABLES: readonly string[] = [
  'CRASHMON_NOTIFY',
  'CRASHMON_SMTP_PASSWORD',
  'CRASHMON_WEBHOOK',
  'CRASHMON_WEBHOOK_SECRET',
  NOTIFY_SECRETS,
];

/** Removes the secrets from the agent's environment. */
export function takeNotifySecrets(env: NodeJS.ProcessEnv): NotifySecrets {
  const text = env[NOTIFY_SECRETS];
  for (const name of NOTIFY_SECRET_VARIABLES) delete env[name];
  try {
    return text === undefined ? NO_NOTIFY_SECRETS : { ...NO_NOTIFY_SECRETS, ...JSON.parse(text) };
  } catch {
    // Not set by crashmon.
    return NO_NOTIFY_SECRETS;
  }
}
